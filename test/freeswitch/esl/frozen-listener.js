// A listener with the backlog of FreeSWITCH's (5). The test freezes this process and fills the queue.
const server = require('node:net').createServer(() => {});
server.listen({ host: '127.0.0.1', port: 0, backlog: 5 }, () => process.stdout.write(String(server.address().port)));
