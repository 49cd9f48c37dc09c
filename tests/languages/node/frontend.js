// The service that people call: asks the backend, and says how it went.
'use strict';

const http = require('node:http');
const pino = require('pino');

const backend = process.env.BACKEND_URL ?? 'http://127.0.0.1:8081';
const log = pino({ name: 'shop' }, pino.destination(2));

const server = http.createServer((request, response) => {
  const order = request.url.replace('/checkout/', '');
  log.info({ order }, 'checkout of order %s begins', order);
  http
    .get(`${backend}/charge/${order}`, (answer) => {
      answer.resume();
      answer.on('end', () => {
        if (answer.statusCode !== 200) {
          log.warn({ order }, 'order %s was not paid', order);
          response.writeHead(502).end('not paid');
          return;
        }
        response.end('paid');
      });
    })
    .on('error', (error) => {
      log.error({ err: error }, 'the backend could not be asked');
      response.writeHead(503).end('no backend');
    });
});

server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
  console.log(server.address().port);
});
