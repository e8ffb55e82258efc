'use strict';
// What a passage costs, and where it leads.
const ROADS = { leek: 'north', chard: 'north', bean: 'south', squash: 'south' };
const paid = new Map();

exports.roadTo = async (crop) => {
  await new Promise((done) => { setTimeout(done, 20); });
  return ROADS[crop];
};

exports.accountOf = async (driver) => {
  await new Promise((done) => { setTimeout(done, 50); });
  return { driver, passages: paid.get(driver) ?? 0 };
};

exports.note = (driver, text) => {
  paid.set(driver, (paid.get(driver) ?? 0) + 1);
  return `Noted, ${text.length} axles`;
};
