/** Shows what is being done: one live line per running task on a terminal, plain lines elsewhere. */

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const BAR_WIDTH = 20;

/** `run(label, work)` shows the task until `work(update)` settles; `update(fraction)` from 0 to 1 turns the spinner into a bar. */
export function createProgress(stream = process.stderr) {
  const live = stream.isTTY === true && process.env.CI === undefined && process.env.TERM !== 'dumb';
  const tasks = new Set();
  let shown = 0;
  let frame = 0;
  let timer;

  const clear = () => (shown > 0 ? `\x1b[${shown}A\x1b[0J` : '');
  const draw = (above = '') => {
    const lines = [...tasks].map((task) =>
      liveLine(task, FRAMES[frame % FRAMES.length], stream.columns || 80),
    );
    stream.write(`${clear()}${above}${lines.map((line) => `${line}\n`).join('')}`);
    shown = lines.length;
  };
  const say = (line) => (live ? draw(`${line}\n`) : stream.write(`${line}\n`));

  async function run(label, work) {
    const task = { label, startedAt: Date.now(), fraction: undefined };
    tasks.add(task);
    if (live) {
      timer ??= setInterval(() => ((frame += 1), draw()), 100);
    } else {
      say(`… ${label}`);
    }
    try {
      const result = await work((fraction) => (task.fraction = fraction));
      finish(task);
      say(`✓ ${label} (${seconds(task)})`);
      return result;
    } catch (error) {
      finish(task);
      say(`✗ ${label} failed after ${seconds(task)}`);
      throw error;
    }
  }

  function finish(task) {
    tasks.delete(task);
    if (tasks.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  }

  return { run, say };
}

function seconds(task) {
  const elapsed = (Date.now() - task.startedAt) / 1000;
  return elapsed < 10 ? `${elapsed.toFixed(1)} s` : `${Math.round(elapsed)} s`;
}

/** One line of the live display, never wider than the terminal: a wrapped line could not be redrawn. */
export function liveLine(task, frame, columns) {
  const filled =
    task.fraction === undefined ? undefined : Math.round(Math.min(1, task.fraction) * BAR_WIDTH);
  const bar = filled === undefined ? '' : ` ${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)}`;
  return `${frame} ${task.label}${bar} ${seconds(task)}`.slice(0, columns - 1);
}
