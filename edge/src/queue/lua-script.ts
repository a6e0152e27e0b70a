import { createHash } from 'node:crypto';

/**
 * BullMQ packs some script arguments as msgpack: bytes that JSON cannot carry. Those travel in hexadecimal, one more
 * argument names their positions, and these lines, ahead of the script, turn them back.
 */
const decodeBinaryArguments = `do
  local positions = table.remove(ARGV)
  for position in string.gmatch(positions, '%d+') do
    local i = tonumber(position)
    ARGV[i] = string.gsub(ARGV[i], '..', function(hex) return string.char(tonumber(hex, 16)) end)
  end
end
`;

export interface LuaScript {
  numberOfKeys: number;
  source: string;
  /** What EVALSHA takes. */
  sha: string;
}

export function luaScript(numberOfKeys: number, lua: string): LuaScript {
  const source = decodeBinaryArguments + lua;
  return { numberOfKeys, source, sha: createHash('sha1').update(source).digest('hex') };
}

type Scalar = string | number | boolean | null | undefined | Uint8Array;

/** Like a TCP client, a call takes its arguments one by one or as an array. */
export type ScriptArgument = Scalar | Scalar[];

/** A script's keys and arguments in the form that travels. */
export function encodeCall(script: LuaScript, args: ScriptArgument[]): { keys: string[]; argv: string[] } {
  const flat = args.flatMap((arg) => arg);
  const keys = flat.slice(0, script.numberOfKeys).map(String);
  const binaryPositions: number[] = [];
  const argv = flat.slice(script.numberOfKeys).map((arg, index) => {
    if (arg instanceof Uint8Array) {
      binaryPositions.push(index + 1);
      return Buffer.from(arg).toString('hex');
    }
    return arg === null || arg === undefined ? '' : String(arg);
  });
  return { keys, argv: [...argv, binaryPositions.join(',')] };
}
