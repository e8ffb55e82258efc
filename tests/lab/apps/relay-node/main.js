'use strict';
// Relay: the assistant on Node's http and ws.
const http = require('node:http');
const { WebSocketServer } = require('ws');
const { log } = require('./src/log');
const passes = require('./src/passes');
const { Seat } = require('./src/seat');
const { chores } = require('./src/chores');

const PAGES = {
  '/healthz': { status: 'ok' },
  '/api/registry': { services: ['planner', 'relay'] },
  '/api/mcp/servers': { servers: [{ name: 'relay', transport: 'streamable-http' }] },
  '/api/almanac': { sow: 'dill' },
};

function answer(res, status, body) {
  res.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
  res.end(JSON.stringify(body));
}

const server = http.createServer((req, res) => {
  const url = new URL(req.url, 'http://relay');
  if (url.pathname === '/auth/session') {
    let text = '';
    req.on('data', (part) => { text += part; });
    req.on('end', () => {
      const asked = JSON.parse(text);
      answer(res, 200, { access_token: passes.issue(asked.user, asked.lifetime_s ?? 900) });
    });
    return;
  }
  if (url.pathname in PAGES) answer(res, 200, PAGES[url.pathname]);
  else if (url.pathname.startsWith('/api/plots/')) answer(res, 200, { plot: url.pathname.slice(11) });
  else answer(res, 404, { error: 'not found' });
});

const sockets = new WebSocketServer({ noServer: true });
server.on('upgrade', (req, raw, head) => {
  const url = new URL(req.url, 'http://relay');
  let user;
  try {
    user = passes.userOf(url.searchParams.get('access_token') ?? '');
  } catch (err) {
    log.warn({ reason: err.message }, 'upgrade refused');
    raw.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n');
    return;
  }
  sockets.handleUpgrade(req, raw, head, (ws) => new Seat(ws, user, req.headers['x-cloud-trace-context']).open());
});

process.on('SIGTERM', () => { log.info('stopping'); server.close(); setTimeout(() => process.exit(0), 300); });
server.listen(Number(process.argv[2]), '127.0.0.1', () => { log.info('relay listens'); chores(); });
