const OF_NPM =
  /^(npm_(package|lifecycle|command|config_(loglevel|local_prefix|prefix))|INIT_CWD|NODE_OPTIONS)/i;

/** The environment for a command in another project: what `npm test` told its scripts is not meant for it. */
export function outsideEnvironment(): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !OF_NPM.test(name));
  return { ...Object.fromEntries(inherited), NODE_NO_WARNINGS: "1" };
}
