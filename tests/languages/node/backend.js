// The service that is called: takes a payment, or declines it.
'use strict';

const http = require('node:http');
const pino = require('pino');

const log = pino({ name: 'payments' }, pino.destination(2));

const server = http.createServer((request, response) => {
  const order = request.url.replace('/charge/', '');
  log.info({ order }, 'charging order %s', order);
  if (order.startsWith('bad')) {
    log.error({ order }, 'card declined for order %s', order);
    // Records carry whole milliseconds: what the caller says of the answer must fall into a
    // later one, or nobody can tell which came first.
    setTimeout(() => response.writeHead(500).end('declined'), 5);
    return;
  }
  response.end('charged');
});

server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
  console.log(server.address().port);
});
