'use strict';
// Noise beside the connections.
const { log } = require('./log');

let state = Number(process.env.PARLEY_SEED ?? 1) || 1;
function dice() {
  state = (state * 48271) % 2147483647;
  return state / 2147483647;
}

function readGauge(gauges) {
  return gauges.rain.level;
}

exports.chores = function chores() {
  const kind = dice();
  const number = dice() < 0.3 ? 1011 : Math.floor(dice() * 5000);
  if (kind < 0.14) {
    try {
      readGauge({});
    } catch (err) {
      log.error({ err, gauge: number }, 'rain gauge unread');
    }
  } else if (kind < 0.3) {
    log.warn({ ms: number }, 'event loop lag');
  } else {
    log.info({ rows: number }, 'cache warmed');
  }
  setTimeout(chores, 300 + dice() * 1400);
};
