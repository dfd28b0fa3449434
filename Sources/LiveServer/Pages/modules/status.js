// The top line and the status line: program, speed, connection; what was done last, in words.

import {element, fill, button} from './dom.js';
import {withKey} from './keys.js';
import {theme} from './kept.js';
import {short, plural} from './names.js';
import {isRecording} from './mode.js';

export class Status {
  constructor(app, top, bottom) {
    this.app = app;
    this.program = element('span.program.mono');
    this.state = element('span.state', {role: 'status'});
    this.pause = button('Pause', () => app.run('pause'), {title: withKey('Pause the program', 'pause')});
    this.again = button('Start again', () => app.run('restartProgram'),
      {title: withKey('Start the program again', 'restartProgram')});
    this.theme = button('', () => app.run('theme'),
      {title: withKey('Light, dark, or as the system says', 'theme')}, 'plain');
    this.pause.hidden = isRecording;
    fill(top, [element('h1', {}, 'Ovid'), this.program, this.state, this.pause, this.again, element('span.space'),
      button(
        'Find …', () => app.run('palette'), {title: withKey('Find a class, a method or a command', 'palette')}
      ), button('Code', () => app.run('openCode'), {title: withKey('Another code browser', 'openCode')}),
      this.theme, button('Keys', () => app.run('help'), {title: withKey('All keys', 'help')}, 'plain')]);
    this.connection = element('span.item', {role: 'status'});
    this.message = element('span.message');
    this.speed = element('span.item.number');
    this.people = element('span.item');
    this.compiler = element('span.item');
    fill(bottom, [this.connection, this.message, this.people, this.compiler, this.speed]);
    for (const kind of ['program', 'stops', 'reset', 'processes']) app.session.on(kind, () => this.draw());
    for (const kind of ['statistics', 'reset']) app.session.on(kind, () => this.#drawSpeed());
    app.session.on('presence', () => this.draw());
    app.session.on('connection', () => this.#drawConnection());
    addEventListener('theme', () => this.draw());
    this.draw();
    this.#drawConnection();
  }

  draw() {
    const {session} = this.app, {words, look, sign} = session.programState;
    this.program.textContent = session.program.className ?? '';
    this.program.title = session.program.file ?? '';
    this.state.className = `state ${look}`;
    fill(this.state, [element('span', {'aria-hidden': 'true'}, `${sign} `), words]);
    this.again.hidden = isRecording || session.program.state === 'embedded';
    this.pause.disabled = session.program.state !== 'running' && !session.isPaused;
    this.pause.textContent = session.isPaused ? 'Continue' : 'Pause';
    this.pause.title = withKey(session.isPaused ? 'Continue the program' : 'Pause the program', 'pause');
    this.theme.textContent = {system: '◐ Auto', light: '☀ Light', dark: '☾ Dark'}[theme.name];
    const others = session.clients.length - (isRecording ? 0 : 1);
    const people = isRecording ? plural(others, 'person was', 'people were') : plural(others, 'other');
    this.people.textContent = others > 0 ? `${people} here` : '';
    this.people.title = session.clients.map(client => client.name).join(', ');
    this.compiler.textContent = session.compilerProblem ? 'interpreted only' : '';
    this.compiler.title = session.compilerProblem ?? '';
    document.title = `${isRecording ? '◷' : sign} ${session.program.className ?? 'Ovid'} – Ovid`;
  }

  #drawSpeed() {
    const {speed, unit} = this.app.measured, last = speed.at(-1);
    this.speed.textContent = last ? `${short(last.value)} ${unit}` : '';
  }

  #drawConnection() {
    clearInterval(this.counting);
    const {connection} = this.app.session;
    const show = () => {
      const seconds = Math.max(0, Math.ceil((connection.again - Date.now()) / 1000));
      const words = {open: isRecording ? ['', '◷', 'a recording; nothing runs'] : ['fast', '●', 'connected'],
        connecting: ['draft', '◌', isRecording ? 'reading the recording …' : 'connecting …'],
        waiting: ['wrong', '○', `no connection; trying again in ${seconds} s. What you write is kept.`],
        refused: ['wrong', '✗', connection.problem]}[connection.state];
      fill(this.connection,
        [
          element(`span.state.${words[0]}`, {}, element('span', {'aria-hidden': 'true'}, `${words[1]} `), words[2]),
          connection.state === 'waiting' ? button('Now', () => connection.now(), {}, 'link') : ''
        ]);
    };
    show();
    if (connection.state === 'waiting') this.counting = setInterval(show, 500);
  }

  say(text, isWrong = false) {
    this.message.textContent = text;
    this.message.title = text;
    this.message.classList.toggle('wrong', isWrong);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => { this.message.textContent = ''; }, isWrong ? 15000 : 8000);
  }
}
