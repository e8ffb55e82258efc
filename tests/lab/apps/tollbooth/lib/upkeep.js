'use strict';
// What goes on beside the lanes.
const logger = require('./logger');

let last = Number(process.env.PARLEY_SEED ?? 1) || 1;
const chance = () => {
  last = (last * 16807) % 2147483647;
  return last / 2147483647;
};

function countCoins(tray) {
  return tray.coins.length;
}

function once() {
  const kind = chance();
  const number = chance() < 0.3 ? 1011 : Math.floor(chance() * 4000);
  if (kind < 0.14) {
    try {
      countCoins({});
    } catch (error) {
      logger.error('coin tray jammed', { tray: number, error });
    }
  } else if (kind < 0.28) logger.warn('paint flaking', { metre: number });
  else logger.info('road swept', { metres: number });
  setTimeout(once, 300 + chance() * 1400);
}

exports.start = once;
