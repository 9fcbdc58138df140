// submit-application in Node.js with the AWS SDK, for `cargo xtask bench`: the same session check, write, receipt and answers.
//
// One process, one invocation at a time, as Lambda's own runtime does it. The campaign comes from the environment, where ours
// reads it from the store.

import { createHash, createHmac, createPrivateKey, createPublicKey, randomBytes, sign, timingSafeEqual } from 'node:crypto';
import http from 'node:http';

import { ConditionalCheckFailedException, DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';

const campaign = JSON.parse(process.env.BENCH_CAMPAIGN);
const table = process.env.PORTAL_TABLE;
const region = process.env.AWS_REGION;
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const MODULUS = 1021n;
const SHARDS = 16;

const store = new DynamoDBClient({ region, endpoint: process.env.AWS_ENDPOINT_URL_DYNAMODB, maxAttempts: 1 });
const vault = new SecretsManagerClient({ region, endpoint: process.env.AWS_ENDPOINT_URL_SECRETS_MANAGER });

class Refused extends Error {
  constructor(status) {
    super(`${status}`);
    this.status = status;
  }
}

const secret = async (variable) =>
  (await vault.send(new GetSecretValueCommand({ SecretId: process.env[variable] }))).SecretString;

function keyedHash(key, label, ...parts) {
  const mac = createHmac('sha256', key);
  for (const part of [label, ...parts].map((text) => Buffer.from(text))) {
    const length = Buffer.alloc(8);
    length.writeBigUInt64BE(BigInt(part.length));
    mac.update(length).update(part);
  }
  return mac.digest();
}

/** The campaign's key: PKCS #8 is sixteen fixed bytes and the seed. */
function signerOf(master) {
  const seed = keyedHash(master, 'receipt key', campaign.id);
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  return { key, id: createHash('sha256').update(spki.subarray(-32)).digest('hex').slice(0, 16) };
}

function receiptCode() {
  const random = BigInt(`0x${randomBytes(10).toString('hex')}`) << 10n;
  const number = random | ((1n + MODULUS - (random % MODULUS)) % MODULUS);
  let symbols = '';
  for (let place = 17n; place >= 0n; place -= 1n) symbols += ALPHABET[Number((number >> (5n * place)) & 31n)];
  return `RIC-${symbols.toUpperCase().match(/.{1,4}/g).join('-')}`;
}

function receipt(head, application, signer) {
  const arrival = new Date(Number(head.arrival.N)).toISOString();
  const text = `{"v":1,"code":"${head.receipt_code.S}","application":"${application}","campaign":"${head.campaign.S}","campaign_version":${head.submitted_under.N},"model":"${head.model.S}","digest":"${head.digest.S}","arrival":"${arrival}","key_id":"${signer.id}"}`;
  const signature = sign(null, Buffer.from(`receipt v1\n${text}`), signer.key).toString('base64url');
  return `{"receipt":${text},"signature":"${signature}"}`;
}

function isSame(one, other) {
  return one.length === other.length && timingSafeEqual(one, other);
}

function callerOf(headers, arrival, sessionSecret) {
  if (headers.origin !== process.env.PUBLIC_ORIGIN) throw new Refused(403);
  const cookies = (headers.cookie ?? '').split(';').map((part) => part.trim());
  const token = cookies.find((cookie) => cookie.startsWith('__Host-session='))?.slice('__Host-session='.length);
  const [head, body, signature] = token?.split('.') ?? [];
  if (!signature) throw new Refused(401);
  const due = createHmac('sha256', sessionSecret).update(`${head}.${body}`).digest();
  if (!isSame(due, Buffer.from(signature, 'base64url'))) throw new Refused(401);
  const kind = JSON.parse(Buffer.from(head, 'base64url'));
  const claims = JSON.parse(Buffer.from(body, 'base64url'));
  if (kind.alg !== 'HS256' || kind.kid !== 's1' || claims.aud !== 'portale') throw new Refused(401);
  if (arrival >= claims.exp * 1000 + campaign.grace_ms) throw new Refused(401);
  if (claims.lvl < 2 || !['employer', 'operator'].includes(claims.rol)) throw new Refused(403);
  return claims;
}

function theirs(claims) {
  const filedFor = claims.org ? 'organisation = :organisation' : 'attribute_not_exists(organisation)';
  const filer = `(filer = :caller AND ${filedFor})`;
  return claims.rol === 'operator' ? filer : `(representative = :caller OR ${filer})`;
}

function isTheirs(head, claims) {
  if (claims.rol === 'employer' && head.representative.S === claims.sub) return true;
  return head.filer.S === claims.sub && (head.organisation?.S ?? null) === (claims.org ?? null);
}

async function submit(event, secrets) {
  const arrival = event.requestContext.timeEpoch;
  if (!isSame(Buffer.from(event.headers['x-origin-secret'] ?? ''), secrets.origin)) throw new Refused(403);
  const claims = callerOf(event.headers, arrival, secrets.session);
  const asked = JSON.parse(event.body);
  if (Object.keys(asked).sort().join() !== 'application,campaign,model') throw new Refused(422);
  const { application, model } = asked;
  const windows = campaign.windows[model];
  if (asked.campaign !== campaign.id || !windows) throw new Refused(422);
  if (!windows.some(([from, until]) => from <= arrival && arrival < until)) throw new Refused(409);
  const shard = createHash('sha256').update(application).digest()[0] % SHARDS;
  const values = {
    ':submitted': { S: 'submitted' },
    ':ready': { S: 'to-send' },
    ':one': { N: '1' },
    ':arrival': { N: `${arrival}` },
    ':due': { N: `${arrival}` },
    ':code': { S: receiptCode() },
    ':caller': { S: claims.sub },
    ':under': { N: `${campaign.version}` },
    ':campaign': { S: campaign.id },
    ':model': { S: model },
    ':pending_pk': { S: `PENDING#history#${`${shard}`.padStart(2, '0')}` },
    ':queue': { S: 'history' },
  };
  if (claims.org) values[':organisation'] = { S: claims.org };
  try {
    const written = await store.send(
      new UpdateItemCommand({
        TableName: table,
        Key: { pk: { S: `APP#${application}` }, sk: { S: 'HEAD' } },
        UpdateExpression:
          'SET #state = :submitted, version = version + :one, changed = :arrival, arrival = :arrival, receipt_code = :code, submitted_by = :caller, submitted_under = :under, pending_pk = :pending_pk, pending_due = :due, queue = :queue',
        ConditionExpression: `#state = :ready AND campaign = :campaign AND model = :model AND ${theirs(claims)}`,
        ExpressionAttributeNames: { '#state': 'state' },
        ExpressionAttributeValues: values,
        ReturnValues: 'ALL_NEW',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }),
    );
    return receipt(written.Attributes, application, secrets.signer);
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw new Refused(503);
    const head = error.Item;
    if (!head || !isTheirs(head, claims)) throw new Refused(404);
    if (!head.arrival || head.campaign.S !== campaign.id || head.model.S !== model) throw new Refused(409);
    return receipt(head, application, secrets.signer);
  }
}

async function answer(event, secrets) {
  const request = event.requestContext.requestId;
  let status = 200;
  let body;
  try {
    body = await submit(event, secrets);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    status = error.status;
    body = JSON.stringify({ type: '/problemi/rifiutata', status, request_id: request });
  }
  console.log(JSON.stringify({ level: 'INFO', message: 'answered', 'request.id': request, status }));
  const headers = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' };
  return JSON.stringify({ statusCode: status, headers, body, isBase64Encoded: false });
}

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':');
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

function call(method, path, body) {
  return new Promise((resolve, reject) => {
    const request = http.request({ host, port, agent, method, path: `/2018-06-01/runtime/invocation${path}` }, (response) => {
      const parts = [];
      response.on('data', (part) => parts.push(part));
      response.on('end', () => resolve({ headers: response.headers, body: Buffer.concat(parts) }));
    });
    request.on('error', reject);
    request.end(body);
  });
}

async function run() {
  const [origin, session, master] = await Promise.all(
    ['ORIGIN_SECRET_ID', 'SESSION_SECRET_ID', 'RECEIPT_SECRET_ID'].map(secret),
  );
  const secrets = { origin: Buffer.from(origin), session, signer: signerOf(master) };
  for (;;) {
    const next = await call('GET', '/next');
    const body = await answer(JSON.parse(next.body), secrets);
    await call('POST', `/${next.headers['lambda-runtime-aws-request-id']}/response`, body);
  }
}

run();
