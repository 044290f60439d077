import fastify = require("fastify");

/** Fastify, required as the CommonJS that it is: an import costs a quarter more. Types are imported from Fastify itself. */
export = fastify;
