'use strict';
// One driver's lane.
const { randomBytes } = require('node:crypto');
const { setTimeout: rest } = require('node:timers/promises');
const logger = require('./logger');
const fares = require('./fares');

const say = (ws, type, body) => ws.send(JSON.stringify({ type, ...body }));

const passages = {
  async describe({ ws, driver }) {
    say(ws, 'described', await fares.accountOf(driver));
  },
  async chat({ ws, driver }, message) {
    await rest(20);
    say(ws, 'reply', { text: fares.note(driver, message.text) });
  },
  async run({ ws, lane }, message) {
    logger.info('convoy', { lane, run: message.run });
    say(ws, 'run.started', { run: message.run });
    await rest(110);
    for (const crop of message.crops) {
      say(ws, 'run.step', { crop, bed: await fares.roadTo(crop) });
    }
    say(ws, 'run.finished', { run: message.run });
  },
};

exports.admit = (ws, driver) => {
  const lane = `lane-${randomBytes(3).toString('hex')}`;
  logger.info('barrier up', { lane, driver });
  say(ws, 'welcome', { session: lane });
  ws.on('message', async (data) => {
    try {
      const message = JSON.parse(data);
      await passages[message.type]({ ws, driver, lane }, message);
    } catch (error) {
      logger.error('lane blocked', { lane, error });
      ws.close(1011, 'lane blocked');
    }
  });
  ws.on('close', (code) => logger.info('barrier down', { lane, code }));
};
