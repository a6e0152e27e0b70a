'use strict';

const fs = require('node:fs');
const { dirname } = require('node:path');

/** Writes the task's files below the cwd, which is fresh: there is no link in it to follow. */
function placeFiles(files) {
  const directory = process.cwd();
  for (const { path, content, encoding } of files) {
    if (!staysInside(path)) throw new Error(`The file ${JSON.stringify(path)} is not inside the directory.`);
    const file = `${directory}/${path}`;
    if (path.includes('/')) fs.mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    fs.writeFileSync(file, Buffer.from(content, encoding), { mode: 0o600, flag: 'wx' });
  }
}

function staysInside(path) {
  return (
    !path.includes('\0') && path.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
  );
}

module.exports = { placeFiles };
