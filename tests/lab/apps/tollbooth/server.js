'use strict';
// Tollbooth: the assistant on Node's http and ws; functions instead of classes.
const http = require('node:http');
const { WebSocketServer } = require('ws');
const logger = require('./lib/logger');
const ticket = require('./lib/ticket');
const { admit } = require('./lib/lane');
const upkeep = require('./lib/upkeep');

const routes = new Map([
  ['/healthz', () => ({ status: 'ok' })],
  ['/api/registry', () => ({ services: ['planner', 'barrier'] })],
  ['/api/mcp/servers', () => ({ servers: [{ name: 'barrier', transport: 'streamable-http' }] })],
  ['/api/almanac', () => ({ sow: 'yarrow' })],
  ['/auth/session', (body) => ({ access_token: ticket.print(body.user, body.lifetime_s ?? 900) })],
]);

function reply(res, status, body) {
  res.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
  res.end(JSON.stringify(body));
}

const server = http.createServer((req, res) => {
  const chunks = [];
  req.on('data', (chunk) => chunks.push(chunk));
  req.on('end', () => {
    const route = routes.get(req.url);
    if (route) reply(res, 200, route(chunks.length ? JSON.parse(Buffer.concat(chunks)) : {}));
    else if (req.url.startsWith('/api/plots/')) reply(res, 200, { plot: req.url.slice(11) });
    else reply(res, 404, { error: 'no such road' });
  });
});

const sockets = new WebSocketServer({ noServer: true });
server.on('upgrade', (req, socket, head) => {
  const token = new URL(req.url, 'http://toll').searchParams.get('access_token') ?? '';
  let driver;
  try {
    driver = ticket.check(token);
  } catch (error) {
    logger.warn('barrier stays down', { why: error.message });
    socket.end('HTTP/1.1 401 Unauthorized\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
    return;
  }
  sockets.handleUpgrade(req, socket, head, (ws) => admit(ws, driver));
});

process.on('SIGTERM', () => process.exit(0));
server.listen(Number(process.argv[2]), '127.0.0.1', () => logger.info('booth manned'));
upkeep.start();
