'use strict';
// winston as its documentation shows it; plain console where LOG=console; hand-made JSON lines where LOG=json.
const winston = require('winston');

const { combine, errors, json, timestamp } = winston.format;

function byConsole() {
  const line = (write) => (text, fields = {}) => {
    const { error, ...rest } = fields;
    write(`[${new Date().toISOString()}] ${text}${Object.entries(rest).map(([k, v]) => ` ${k}:${v}`).join('')}`);
    if (error) write(error);
  };
  return { info: line(console.log), warn: line(console.warn), error: line(console.error) };
}

function byHand() {
  const line = (severity) => (message, fields = {}) => {
    const { error, ...rest } = fields;
    const told = error ? { error: { name: error.name, message: error.message, stack: error.stack } } : {};
    process.stdout.write(`${JSON.stringify({ severity, message, ...rest, ...told })}\n`);
  };
  return { info: line('INFO'), warn: line('WARNING'), error: line('ERROR') };
}

function byWinston() {
  const own = winston.createLogger({
    level: 'info',
    format: combine(errors({ stack: true }), timestamp(), json()),
    transports: [new winston.transports.Console()],
  });
  const line = (level) => (text, fields = {}) => {
    const { error, ...rest } = fields;
    own.log({ level, message: error ? `${text}: ${error.message}` : text, ...rest, ...(error && { stack: error.stack }) });
  };
  return { info: line('info'), warn: line('warn'), error: line('error') };
}

const kinds = { console: byConsole, json: byHand, winston: byWinston };
module.exports = kinds[process.env.LOG ?? 'winston']();
