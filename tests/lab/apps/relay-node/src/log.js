'use strict';
// pino where LOG=pino, plain console else; both take (fields, text) or (text).
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
exports.log = process.env.LOG === 'console' ? consoleLog : pino({ base: null });
