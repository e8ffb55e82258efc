'use strict';
// pino; plain console where LOG=console; level, message and stack as winston has them where LOG=winston.
// All take (fields, text) or (text).
const pino = require('pino');

function plain(write) {
  return (fields, text) => {
    if (typeof fields === 'string') { write(fields); return; }
    const { err, ...rest } = fields;
    const tail = Object.values(rest).join(' ');
    if (err) write(`${text} ${tail}`.trim(), err);
    else write(`${text} ${tail}`.trim());
  };
}

const consoleLog = {
  info: plain(console.log), warn: plain(console.warn), error: plain(console.error),
};

function winston(level) {
  return (fields, text) => {
    const { err, ...rest } = typeof fields === 'string' ? {} : fields;
    const message = typeof fields === 'string' ? fields : text;
    const trouble = err ? { stack: err.stack, message: `${message} ${err.message}` } : { message };
    console.log(JSON.stringify({ level, ...trouble, ...rest, timestamp: new Date().toISOString() }));
  };
}

const winstonLog = { info: winston('info'), warn: winston('warn'), error: winston('error') };
const kinds = { console: () => consoleLog, winston: () => winstonLog };
exports.log = (kinds[process.env.LOG] ?? (() => pino({ base: null })))();
