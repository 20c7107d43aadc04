// @vladmandic/human in Node, on WebAssembly: `node human_peer.mjs crops FILE` or `frames FILE COUNT`.
// Pictures come as raw RGB from run.py, so that no decoder counts.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(join(process.cwd(), 'package.json'));
const folder = (name) => join(process.cwd(), 'node_modules', name);
// Node's fetch takes no file addresses; the networks lie in the package.
const fetched = globalThis.fetch;
globalThis.fetch = async (at, options) => {
  const address = String(at.url ?? at);
  return address.startsWith('file://') ? new Response(readFileSync(new URL(address))) : fetched(at, options);
};

const { Human } = require(join(folder('@vladmandic/human'), 'dist/human.node-wasm.js'));
const [on, off] = [{ enabled: true }, { enabled: false }];
const human = new Human({
  backend: 'wasm',
  wasmPath: `${folder('@tensorflow/tfjs-backend-wasm')}/dist/`,
  modelBasePath: `file://${folder('@vladmandic/human')}/models/`,
  debug: false,
  cacheSensitivity: 0,
  // Only what expressions need: everything else would make it slower.
  filter: off, gesture: off, body: off, hand: off, object: off,
  face: {
    ...on, detector: { rotation: false }, mesh: off, iris: off, description: off, antispoof: off, liveness: off,
    emotion: { ...on, minConfidence: 0 },
  },
});

const read = (file) => {
  const bytes = readFileSync(file);
  const [count, height, width] = [0, 4, 8].map((at) => bytes.readUInt32LE(at));
  return { count, height, width, pixels: bytes.subarray(12) };
};

async function frames(file, count) {
  const { height, width, pixels } = read(file);
  await human.init();
  await human.load();
  const times = [];
  let said;
  for (let k = 0; k < count + 1; k += 1) {
    const began = performance.now();
    const tensor = human.tf.tensor4d(Float32Array.from(pixels.subarray(0, width * height * 3)), [1, height, width, 3]);
    const result = await human.detect(tensor);
    tensor.dispose();
    said = result.face[0]?.emotion?.[0]?.emotion ?? 'nothing';
    if (k === 0) console.log(JSON.stringify({ first: said }));
    else times.push(performance.now() - began);
  }
  console.log(JSON.stringify({ times, said }));
}

// The emotion network of the package on whole crops, prepared as its own source does.
async function crops(file) {
  const { count, height, width, pixels } = read(file);
  await human.init();
  await human.load();
  const { tf } = human;
  const model = human.models.models.emotion;
  const side = model.inputs[0].shape[2];
  const guesses = [];
  for (let k = 0; k < count; k += 1) {
    const face = pixels.subarray(k * width * height * 3, (k + 1) * width * height * 3);
    const said = tf.tidy(() => {
      const rgb = tf.div(tf.tensor4d(Float32Array.from(face), [1, height, width, 3]), 255);
      const sized = tf.image.resizeBilinear(rgb, [side, side], false);
      const grey = tf.sum(tf.mul(sized, [0.299, 0.587, 0.114]), 3, true);
      return model.execute(tf.mul(tf.sub(grey, 0.5), 2)).dataSync();
    });
    guesses.push(said.indexOf(Math.max(...said)));
  }
  const classes = ['angry', 'disgust', 'fear', 'happy', 'sad', 'surprise', 'neutral'];
  console.log(JSON.stringify({ classes, guesses }));
}

const [, , what, file, count] = process.argv;
await (what === 'crops' ? crops(file) : frames(file, Number(count)));
