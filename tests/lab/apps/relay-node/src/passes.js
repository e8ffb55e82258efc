'use strict';
// Sign-in tokens (JWT, HS256).
const crypto = require('node:crypto');

const KEY = 'made-up-staging-key';
const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const sign = (text) => crypto.createHmac('sha256', KEY).update(text).digest('base64url');

exports.issue = (user, lifetime) => {
  const claims = { sub: user, aud: 'relay', exp: Math.floor(Date.now() / 1000) + lifetime };
  const text = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`;
  return `${text}.${sign(text)}`;
};

exports.userOf = (token) => {
  const at = token.lastIndexOf('.');
  if (at < 0 || sign(token.slice(0, at)) !== token.slice(at + 1)) throw new Error('bad signature');
  const claims = JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString());
  if (claims.exp * 1000 < Date.now()) throw new Error('token expired');
  return claims.sub;
};
