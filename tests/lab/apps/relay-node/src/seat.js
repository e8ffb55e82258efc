'use strict';
// One person's connection.
const crypto = require('node:crypto');
const { log } = require('./log');
const { bedOf, cardOf } = require('./garden');

const pause = (ms) => new Promise((done) => { setTimeout(done, ms); });

class Seat {
  constructor(ws, user, trace) {
    this.ws = ws;
    this.user = user;
    this.id = crypto.randomUUID();
    this.traceId = (trace ?? '').split('/')[0];
  }

  tell(type, body) {
    this.ws.send(JSON.stringify({ type, ...body }));
  }

  open() {
    log.info({ seat: this.id, user: this.user }, 'seat taken');
    this.tell('welcome', { session: this.id });
    this.ws.on('message', (data) => this.receive(JSON.parse(data)));
    this.ws.on('close', (code) => log.info({ seat: this.id, code }, 'seat left'));
  }

  async receive(message) {
    try {
      await this.serve(message);
    } catch (err) {
      log.error({ err, seat: this.id }, 'message handler threw');
      this.ws.close(1011, 'server error');
    }
  }

  async serve(message) {
    if (message.type === 'describe') {
      this.tell('described', await cardOf(this.user));
    } else if (message.type === 'chat') {
      await pause(30);
      this.tell('reply', { text: `Noted ${message.text.length}` });
    } else {
      await this.run(message);
    }
  }

  async run(message) {
    log.info({ seat: this.id, run: message.run }, 'run taken up');
    this.tell('run.started', { run: message.run });
    await pause(120);
    for (const crop of message.crops) this.tell('run.step', { crop, bed: bedOf(crop) });
    this.tell('run.finished', { run: message.run });
  }
}

exports.Seat = Seat;
