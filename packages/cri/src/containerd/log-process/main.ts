/**
 * The log process: one per node, in a session of its own. It reads the FIFOs of every container and writes their logs,
 * so that a container never waits for a kubelet and a kubelet's end loses no line. It ends by itself when it has had
 * neither a container nor a connection for a minute.
 * Usage: `main.ts STATE_DIR`.
 */
import { rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { ErrorLog } from './error-log.ts';
import { LogServer } from './log-server.ts';
import { MAX_ERROR_LOG_BYTES, pidFileName, socketName } from './protocol.ts';

const [stateDir = ''] = process.argv.slice(2);
const socketPath = join(stateDir, socketName);
const pidFile = join(stateDir, pidFileName);

const now = (): string => new Date().toISOString();
const errorLog = new ErrorLog({ fd: process.stderr.fd, maxBytes: MAX_ERROR_LOG_BYTES, now });

const server = new LogServer({
  socketPath,
  now,
  onError: (container, error) => errorLog.write('log write failed', { container, error: String(error) }),
  onShutdown: () => void stop(),
  onIdle: () => void stop(),
});

async function stop(): Promise<void> {
  await server.close();
  rmSync(socketPath, { force: true });
  rmSync(pidFile, { force: true });
  process.exit(0);
}

function isServed(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path, () => resolve(true));
    socket.on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}

if (await isServed(socketPath)) process.exit(0);
rmSync(socketPath, { force: true });
process.on('SIGTERM', () => void stop());
process.on('SIGINT', () => {});
process.on('SIGHUP', () => {});
process.on('uncaughtException', (error) => errorLog.write('uncaught exception', { error: error.stack }));
await server.listen();
writeFileSync(pidFile, `${process.pid}\n`);
