'use strict';
(() => {
  const byId = id => document.getElementById(id);
  const store = window.sessionStorage;
  let key = store.getItem('cooperation-key');
  const signsIn = byId('sign-in') !== null;
  let frameworks = [];
  let organisations = new Map();
  let question = {};
  let asking = 0;
  let explaining = 0;

  // Everything the service says is put in as text.
  const make = (name, attributes = {}, ...children) => {
    const element = document.createElement(name);
    for (const [attribute, value] of Object.entries(attributes)) {
      if (attribute.startsWith('on')) element.addEventListener(attribute.slice(2), value);
      else if (value !== null && value !== undefined && value !== false) element.setAttribute(attribute, value === true ? '' : value);
    }
    element.append(
      ...children.filter(child => child !== null && child !== undefined).map(child => (child instanceof Node ? child : String(child))),
    );
    return element;
  };
  const svg = (name, attributes, ...children) => {
    const element = document.createElementNS('http://www.w3.org/2000/svg', name);
    for (const [attribute, value] of Object.entries(attributes)) element.setAttribute(attribute, value);
    element.append(...children);
    return element;
  };

  // Names may run from right to left: each stands for itself, so that what is beside it keeps its place.
  const named = name => make('bdi', {}, name);
  const listed = (items, between) => items.flatMap((item, i) => (i ? [between, item] : [item]));
  const counted = (n, one, many = `${one}s`) => `${n} ${n === 1 ? one : many}`;

  const today = () => new Date().toISOString().slice(0, 10);
  const address = (path, parameters) => {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(parameters || {}))
      if (value !== '' && value !== null && value !== undefined) query.set(name, value);
    return query.size ? `${path}?${query}` : path;
  };
  // Without a key it is asked by the session of who is signed in.
  const callerHeaders = () => (key ? { 'X-Api-Key': key } : {});
  const unknownCaller = () =>
    Object.assign(
      new Error(
        key ? 'This key is not valid, or not any more. Enter one that is.' : 'The session has ended. Sign in again, or enter a key.',
      ),
      { status: 401 },
    );
  const fetchOnce = async (path, parameters) => {
    // What no header can hold is no key, and would not be sent.
    if (/[^\x20-\x7e]/.test(key || '')) throw unknownCaller();
    return fetch(address(path, parameters), {
      headers: { ...callerHeaders(), Accept: 'application/json' },
      cache: 'no-store',
    }).catch(() => {
      throw new Error('The service cannot be reached. Ask again once it runs and the network is there.');
    });
  };
  const read = async (path, parameters) => {
    const answer = await fetchOnce(path, parameters);
    if (answer.status === 401) throw unknownCaller();
    const body = await answer.json().catch(() => ({}));
    if (!answer.ok)
      throw Object.assign(new Error(body.detail || `The service answered ${answer.status}.`), {
        status: answer.status,
        errors: body.errors || [],
      });
    return { body, next: /<([^>]+)>;\s*rel="next"/.exec(answer.headers.get('Link') || '')?.[1] };
  };
  const readAll = async (path, parameters) => {
    const items = [];
    for (let page = await read(path, parameters); ; page = await read(page.next)) {
      items.push(...page.body.items);
      if (!page.next) return items;
    }
  };

  // Null where the key may not read it.
  const ifAllowed = reading =>
    reading.catch(error => {
      if (error.status === 403) return null;
      throw error;
    });

  const fail = error => {
    byId('status').textContent = '';
    if (error.status === 401) {
      tell([error.message], key ? ['key'] : []);
      forget();
      return;
    }
    // What is wrong with the question is told by the words on its fields.
    const wrong = (error.errors || []).map(({ pointer, detail }) => ({ field: FIELDS[pointer.slice(1)], detail }));
    if (wrong.length === 0 || !wrong.every(w => w.field)) tell([error.message], []);
    else {
      tell(
        wrong.map(w => `${document.querySelector(`label[for=${w.field}]`).textContent}: ${w.detail}`),
        wrong.map(w => w.field),
      );
      byId(wrong[0].field).focus();
    }
  };
  const tell = (lines, fields) => {
    byId('alert').textContent = lines.join('\n');
    byId('alert').hidden = false;
    for (const field of fields) {
      byId(field).setAttribute('aria-invalid', 'true');
      byId(field).setAttribute('aria-errormessage', 'alert');
    }
  };
  const untell = () => {
    byId('alert').hidden = true;
    for (const field of document.querySelectorAll('[aria-invalid]')) {
      field.removeAttribute('aria-invalid');
      field.removeAttribute('aria-errormessage');
    }
  };
  const offerToLeave = () => {
    byId('forget').hidden = false;
    byId('forget').textContent = key ? 'Forget the key' : 'Sign out';
  };
  // Without a key it is the session of who is signed in that ends.
  const leave = async () => {
    const session = !key;
    forget();
    if (!session) return;
    const answer = await fetch('/sign-out', { method: 'POST', headers: { 'X-Requested-With': 'page' }, cache: 'no-store' });
    const body = await answer.json().catch(() => ({}));
    if (!answer.ok) fail(new Error(body.detail || `The service answered ${answer.status}.`));
    else if (body.providerSignOut) location.assign(body.providerSignOut);
  };
  const forget = () => {
    store.removeItem('cooperation-key');
    key = null;
    byId('figures').hidden = true;
    byId('forget').hidden = true;
    byId('key-form').hidden = false;
    byId('key').focus();
  };

  // The question stands in the address, so that a reload or a bookmark asks it again.
  const FIELDS = { framework: 'framework', from: 'from', asOf: 'as-of', knownAt: 'known-at' };
  // What the address says and a field cannot hold.
  let unreadable = {};
  const asked = () =>
    Object.fromEntries(Object.entries(FIELDS).map(([name, field]) => [name, byId(field).value.trim() || unreadable[name] || '']));
  // As in the API a year or a month stands for its first day as `from`, and for its last as `asOf`.
  const asDay = (name, text) => {
    const [, year, month] = /^([1-9]\d{3})(?:-(0[1-9]|1[0-2]))?$/.exec(text) || [];
    if (!year) return text;
    if (name === 'from') return `${year}-${month || '01'}-01`;
    return new Date(Date.UTC(year, month || 12, 0)).toISOString().slice(0, 10);
  };
  const keepInAddress = parameters => history.replaceState(null, '', address(location.pathname, parameters).replace('?', '#'));
  const takeFromAddress = () => {
    if (!location.hash) return;
    const kept = new URLSearchParams(location.hash.slice(1));
    // A framework that is not in the list is asked for all the same: the answer says that there is none.
    const framework = kept.get('framework');
    if (framework && ![...byId('framework').options].some(o => o.value === framework))
      byId('framework').append(make('option', { value: framework }, framework));
    unreadable = {};
    for (const [name, field] of Object.entries(FIELDS)) {
      const text = (kept.get(name) || '').trim();
      byId(field).value = byId(field).type === 'date' ? asDay(name, text) : text;
      if (byId(field).value === '' && text) unreadable[name] = text;
    }
  };

  const nameOfFramework = id => frameworks.find(f => f.id === id)?.name || id;
  const nameOfLevel = (framework, code) => frameworks.find(f => f.id === framework)?.levels.find(l => l.code === code)?.name || code;
  const nameOfOrganisation = id => organisations.get(id) || id;
  const MEASURES = {
    meetingsHeld: 'meetings held',
    meetingsWithoutAttendance: 'meetings without attendance',
    attendances: 'attendances',
    unnamed: 'people not named',
    'staff.known': 'staff known by name',
    'staff.atLeast': 'staff at least',
    'notCounted.observers': 'observers',
    'notCounted.interpreters': 'interpreters',
    'notCounted.support': 'support',
    'notCounted.guests': 'guests',
    'notCounted.guestHeads': 'guests not named',
  };

  const figure = (value, measure, part = {}, of = '') =>
    make(
      'button',
      {
        type: 'button',
        class: 'figure',
        'data-measure': measure,
        'data-part': JSON.stringify(part),
        'aria-label': `${value} ${MEASURES[measure]}${of ? `, ${of}` : ''}: explain`,
        onclick: () => explain(measure, part, of),
      },
      value,
    );

  // The number somebody stands on, found again by what it counts: figures that come anew are other buttons.
  const returnTo = counted =>
    [...document.querySelectorAll('button.figure')]
      .find(({ dataset }) => dataset.measure === counted.measure && dataset.part === counted.part)
      ?.focus();

  const explain = async (measure, part, of) => {
    const mine = ++explaining;
    const dialog = byId('evidence');
    byId('evidence-title').replaceChildren(MEASURES[measure], ...(of ? [', ', named(of)] : []));
    byId('evidence-note').textContent = 'Reading the evidence …';
    byId('evidence-items').replaceChildren();
    dialog.addEventListener('close', () => returnTo({ measure, part: JSON.stringify(part) }), { once: true });
    dialog.showModal();
    try {
      const { body, next } = await read('/v1/statistics/explain', { ...question, ...part, measure });
      if (mine !== explaining) return;
      const largest = body.meeting ? ' It is the total of one meeting, whose people are listed.' : '';
      byId('evidence-note').textContent =
        `The figure is ${body.figure}. Behind it: ${counted(body.items.length, 'item')}, each with the events that made it. ` +
        `As of ${body.asOf}, position ${body.position}, definition ${body.definition}.${largest}` +
        (next ? ' More follow; ask the API for them.' : '');
      byId('evidence-items').append(
        make(
          'div',
          { class: 'scroll' },
          make(
            'table',
            {},
            make('caption', {}, 'Evidence'),
            make('thead', {}, make('tr', {}, ...['What', 'When', 'Who', 'Events'].map(t => make('th', { scope: 'col' }, t)))),
            make(
              'tbody',
              {},
              ...body.items.map(item =>
                make(
                  'tr',
                  {},
                  make('td', {}, item.title ? named(item.title) : item.kind),
                  make('td', {}, item.start || ''),
                  make('td', {}, ...who(item)),
                  make(
                    'td',
                    {},
                    make(
                      'details',
                      {},
                      make('summary', {}, counted(item.events.length, 'event')),
                      ...item.events.map(id => opened(body.eventAddress, id)),
                    ),
                  ),
                ),
              ),
            ),
          ),
        ),
      );
      await showNames(body.items, () => mine === explaining);
    } catch (error) {
      if (mine === explaining) byId('evidence-note').textContent = error.message;
    }
  };
  // Names are shown to a key that may read them; the first answer without one tells that it may not.
  const showNames = async (items, isOpen) => {
    for (const id of new Set(items.map(item => item.personId).filter(Boolean))) {
      const person = await ifAllowed(read(`/v1/people/${id}`));
      if (!isOpen() || !person || !['name', 'erased', 'restricted', 'unreadable'].some(told => person.body[told])) return;
      if (!person.body.name) continue;
      for (const place of document.querySelectorAll(`#evidence-items [data-person="${id}"]`)) place.textContent = person.body.name;
    }
  };
  // An event is read where the answer says, by the key that asked.
  const opened = (address, id) => {
    const place = make(
      'div',
      {},
      make(
        'button',
        {
          type: 'button',
          class: 'figure',
          'aria-label': `Open event ${id}`,
          onclick: async () => {
            try {
              const { body } = await read(address.replace('{events}', id));
              place.replaceChildren(
                make('p', {}, `${body.type}, position ${body.position}, recorded ${body.at}`),
                make('pre', { tabindex: 0 }, JSON.stringify(body.data, null, 2)),
              );
              place.querySelector('pre').focus();
            } catch (error) {
              place.replaceChildren(make('p', {}, error.message));
            }
          },
        },
        make('code', {}, id),
      ),
    );
    return place;
  };
  const who = item =>
    listed(
      [
        item.personId ? make('bdi', { 'data-person': item.personId }, `person ${item.personId.slice(0, 8)}`) : null,
        item.heads ? `${counted(item.heads, 'person', 'people')} (${item.precision})` : null,
        item.organisationId ? named(item.shortName || nameOfOrganisation(item.organisationId)) : null,
        item.role || null,
      ].filter(Boolean),
      ', ',
    );

  const swatch = (words, ...shapes) =>
    make('span', { class: 'key' }, svg('svg', { 'aria-hidden': 'true', viewBox: '0 0 24 14' }, ...shapes), words);
  const legend = rows =>
    make(
      'p',
      { class: 'hint legend' },
      swatch('meetings held', svg('rect', { class: 'meetings', width: 24, height: 14 })),
      swatch('staff at least', svg('rect', { class: 'staff', x: 1, y: 2, width: 22, height: 10 })),
      rows.some(r => r.staff.atMost > r.staff.atLeast)
        ? swatch('at most', svg('rect', { class: 'beyond', x: 1, y: 2, width: 22, height: 10 }))
        : null,
      rows.some(r => r.staff.atMost === null)
        ? swatch('the most is not known', svg('line', { class: 'open', x1: 1, x2: 23, y1: 7, y2: 7 }))
        : null,
    );

  // Staff is an interval: from the fewest to the most there can have been, and open where the most is not known.
  const staffBar = (staff, share) => [
    svg('rect', { class: 'staff', x: 1, y: '56%', height: '32%', width: `${share(staff.atLeast)}%` }),
    ...(staff.atMost === null
      ? [svg('line', { class: 'open', x1: `${share(staff.atLeast)}%`, x2: '100%', y1: '72%', y2: '72%' })]
      : staff.atMost > staff.atLeast
        ? [
            svg('rect', {
              class: 'beyond',
              x: `${share(staff.atLeast)}%`,
              y: '56%',
              height: '32%',
              width: `${share(staff.atMost - staff.atLeast)}%`,
            }),
          ]
        : []),
  ];
  const beyond = staff => {
    const words = staff.atMost === null ? 'or more' : staff.atMost > staff.atLeast ? `to ${staff.atMost}` : '';
    return words ? [' ', make('span', {}, words)] : [];
  };

  const cut = (target, heading, rows) => {
    if (rows.length === 0) {
      byId(target).replaceChildren(make('p', { class: 'hint' }, 'Nothing yet in this part of the activity.'));
      return;
    }
    const most = Math.max(1, ...rows.map(r => r.meetingsHeld));
    const mostStaff = Math.max(1, ...rows.map(r => r.staff.atMost ?? 1.15 * r.staff.atLeast));
    byId(target).replaceChildren(
      legend(rows),
      make(
        'div',
        { class: 'scroll' },
        make(
          'table',
          {},
          make(
            'thead',
            {},
            make(
              'tr',
              {},
              make('th', { scope: 'col' }, heading),
              make('th', { scope: 'col', class: 'bar' }, 'Each to its own scale'),
              make('th', { scope: 'col', class: 'number' }, 'Meetings'),
              make('th', { scope: 'col', class: 'number' }, 'Staff'),
            ),
          ),
          make(
            'tbody',
            {},
            ...rows.map(r =>
              make(
                'tr',
                {},
                make('th', { scope: 'row' }, named(r.label)),
                make(
                  'td',
                  { class: 'bar' },
                  svg(
                    'svg',
                    { class: 'bars', 'aria-hidden': 'true' },
                    svg('rect', { class: 'meetings', x: 0, y: '8%', height: '36%', width: `${(98 * r.meetingsHeld) / most}%` }),
                    ...staffBar(r.staff, n => (98 * n) / mostStaff),
                  ),
                ),
                make('td', { class: 'number' }, figure(r.meetingsHeld, 'meetingsHeld', r.part, r.label)),
                make('td', { class: 'number' }, figure(r.staff.atLeast, 'staff.atLeast', r.part, r.label), ...beyond(r.staff)),
              ),
            ),
          ),
        ),
      ),
    );
  };

  // Of more than are shown it is said how many there are, and which these are.
  const meetings = (target, items, nothing, cut = { all: items.length }) =>
    byId(target).replaceChildren(
      ...(items.length === 0
        ? [make('p', { class: 'hint' }, nothing)]
        : [
            ...(cut.all > items.length ? [make('p', { class: 'hint' }, `${cut.all} meetings. ${cut.which} ${items.length}:`)] : []),
            make(
              'ul',
              { class: 'list' },
              ...items.map(m =>
                make(
                  'li',
                  {},
                  make('time', {}, days(m)),
                  make('strong', {}, named(m.title)),
                  make(
                    'span',
                    { class: 'hint' },
                    ' ',
                    ...levels(m),
                    `${m.country ? `, ${m.country}` : ''}${m.state === 'postponed' ? '; postponed' : ''}`,
                  ),
                ),
              ),
            ),
          ]),
    );
  const days = m => {
    const [start, end] = [m.start.replace('T', ' '), m.end.replace('T', ' ')];
    return `${start === end ? start : `${start} – ${end}`}${m.start.includes('T') && m.timeZone ? `, ${m.timeZone}` : ''}`;
  };
  // Of one framework its levels are told; of several each with the framework it is of.
  const levels = m =>
    listed(
      m.frameworks
        .filter(f => !question.framework || f.frameworkId === question.framework)
        .map(f =>
          make(
            'span',
            {},
            ...(question.framework ? [] : [named(nameOfFramework(f.frameworkId)), ': ']),
            named(nameOfLevel(f.frameworkId, f.level)),
          ),
        ),
      '; ',
    );

  // What is due first stands first, a year or a month by its last day; what is due on no stated day comes last.
  const commitments = items => {
    const due = c => (c.dueOn || '').padEnd(10, '~');
    const first = [...items].sort((a, b) => (due(a) < due(b) ? -1 : due(a) > due(b) ? 1 : 0)).slice(0, 8);
    byId('commitments').replaceChildren(
      ...(items.length === 0
        ? [make('p', { class: 'hint' }, 'No commitment is open.')]
        : [
            make(
              'p',
              { class: 'hint' },
              `${items.length} open, ${items.filter(c => c.overdue).length} of them overdue, as of today.` +
                (items.length > first.length ? ` The first ${first.length} by their due dates:` : ''),
            ),
            make(
              'ul',
              { class: 'list' },
              ...first.map(c =>
                make(
                  'li',
                  {},
                  make('time', {}, c.dueOn ? `due ${c.dueOn}` : 'no due date'),
                  make('strong', {}, named(c.text)),
                  make(
                    'span',
                    { class: 'hint' },
                    ' ',
                    ...listed(
                      c.owners.map(o => named(nameOfOrganisation(o))),
                      ', ',
                    ),
                    c.overdue ? '; overdue' : '',
                  ),
                ),
              ),
            ),
          ]),
    );
  };

  const showAudit = async () => {
    const answer = await fetch('/v1/audit/log/checkpoint', { cache: 'no-store' }).catch(() => null);
    const text = answer && answer.ok ? await answer.text() : '';
    const lines = text.split('\n');
    byId('audit').replaceChildren(
      answer && answer.ok && lines.length >= 3
        ? make(
            'dl',
            {},
            make('dt', {}, 'Log'),
            make('dd', {}, lines[0]),
            make('dt', {}, 'Events covered'),
            make('dd', {}, lines[1]),
            make('dt', {}, 'Root hash'),
            make('dd', {}, make('code', {}, lines[2])),
          )
        : make(
            'p',
            { class: 'hint' },
            answer && answer.status === 404
              ? 'This service does not serve an audit log, so nothing here proves that the history is unaltered.'
              : `The audit log has no checkpoint to show at this moment${answer ? ` (the service answered ${answer.status})` : ''}.`,
          ),
    );
  };

  const byDay = (a, b) => {
    const [first, second] = [a, b].map(m => m.start.padEnd(10, '~'));
    return first < second ? -1 : first > second ? 1 : 0;
  };
  // Midnight belongs to the day before, where a meeting ends at it. A year or a month is over with its last day.
  const lastDay = m =>
    m.end.endsWith('T00:00') && m.start < m.end
      ? new Date(Date.parse(`${m.end.slice(0, 10)}T00:00:00Z`) - 86400000).toISOString().slice(0, 10)
      : m.end.slice(0, 10);
  const byLastDay = (a, b) => {
    const [first, second] = [a, b].map(m => lastDay(m).padEnd(10, '~'));
    return first < second ? -1 : first > second ? 1 : byDay(a, b);
  };
  const dayBefore = (day, { years = 0, months = 0 }) => {
    const date = new Date(`${day}T00:00:00Z`);
    date.setUTCFullYear(Math.max(1000, date.getUTCFullYear() - years), date.getUTCMonth() - months);
    return date.toISOString().slice(0, 10);
  };
  // The last few that were held: looked for in ever longer spans, so that a large register is not read for them.
  const lastHeld = async (part, from, day) => {
    for (const span of [{ months: 3 }, { years: 1 }, { years: 5 }]) {
      const first = dayBefore(day, span);
      const items = await readAll('/v1/meetings', { ...part, state: 'held', from: from > first ? from : first, to: day, limit: 500 });
      if (items.length >= MOST || span.years === 5) return items.sort(byLastDay).slice(-MOST).reverse();
    }
  };
  const MOST = 8;
  const MOST_YEARS = 100;
  const MOST_FRAMEWORKS = 20;

  const showFigures = (first, sheet, series) => {
    const stoodOn = { ...document.activeElement.dataset };
    const isEmpty = frameworks.length === 0;
    byId('of-numbers').hidden = isEmpty;
    byId('sentence').textContent = isEmpty
      ? 'Nothing is recorded yet. The first step is a framework, its organisations and their membership.'
      : sheet.sentence;
    const of = question.framework ? nameOfFramework(question.framework) : 'All frameworks together';
    byId('asked').replaceChildren(
      isEmpty ? make('a', { href: '/docs' }, 'How to record') : named(of),
      ...(isEmpty
        ? []
        : [
            `. ${first.from ? `From ${first.from} to` : 'As of'} ${first.asOf}, ` +
              `as known at position ${first.position}, by definition ${first.definition}.`,
          ]),
    );
    const total = (value, measure, words) => make('li', {}, figure(value, measure), make('span', {}, words));
    byId('totals').replaceChildren(
      ...(isEmpty
        ? []
        : [
            total(first.meetingsHeld, 'meetingsHeld', 'meetings held'),
            first.meetingsWithoutAttendance
              ? total(first.meetingsWithoutAttendance, 'meetingsWithoutAttendance', 'of them without any attendance recorded')
              : '',
            total(first.staff.atLeast, 'staff.atLeast', `staff at least; at most ${first.staff.atMost ?? 'not known'}`),
            total(first.staff.known, 'staff.known', 'of them known by name'),
            total(first.attendances, 'attendances', 'attendances'),
            total(first.unnamed, 'unnamed', 'people not named'),
            total(first.notCounted.guests, 'notCounted.guests', 'guests, not counted'),
            first.notCounted.guestHeads ? total(first.notCounted.guestHeads, 'notCounted.guestHeads', 'guests not named, not counted') : '',
            total(first.notCounted.observers, 'notCounted.observers', 'observers, not counted'),
            first.notCounted.interpreters
              ? total(first.notCounted.interpreters, 'notCounted.interpreters', 'interpreters, not counted')
              : '',
            first.notCounted.support ? total(first.notCounted.support, 'notCounted.support', 'support, not counted') : '',
          ]),
    );
    // One mistyped year must not make a table of a thousand.
    const isLong = series.items.length > MOST_YEARS;
    byId('years-left-out').hidden = !isLong;
    const years = isLong ? series.items.filter(r => r.inPeriod.meetingsHeld) : series.items;
    cut(
      'years',
      'Year',
      years.map(r => ({ ...r.inPeriod, label: r.period, part: { per: 'year', period: r.period } })),
    );
    // Levels and parties are of a framework; of many together there would be as many rows as in all of them.
    const together = first.byFramework.length > 1;
    byId('of-frameworks').hidden = !together;
    byId('of-one').hidden = together;
    showFrameworks(first.byFramework);
    cut(
      'levels',
      'Level',
      first.byLevel.map(r => ({ ...r, label: r.levelName, part: { framework: r.framework, level: r.level } })),
    );
    cut(
      'parties',
      'Party',
      first.byParty.map(r => ({ ...r, label: r.partyName, part: { framework: r.framework, party: r.party } })),
    );
    if (stoodOn.measure) returnTo(stoodOn);
  };

  // Of many frameworks those with the most meetings, until all are asked for.
  let showsAllFrameworks = false;
  const showFrameworks = all => {
    const rows = all.map(r => ({ ...r, label: r.frameworkName, part: { framework: r.framework } }));
    const isLong = rows.length > MOST_FRAMEWORKS;
    byId('frameworks-left-out').hidden = !isLong || showsAllFrameworks;
    byId('frameworks-left-out').textContent = `${rows.length} frameworks. The ${MOST_FRAMEWORKS} with the most meetings:`;
    byId('all-frameworks').hidden = !isLong || showsAllFrameworks;
    byId('all-frameworks').textContent = `Show all ${rows.length} frameworks`;
    byId('all-frameworks').onclick = () => {
      showsAllFrameworks = true;
      showFrameworks(all);
      byId('frameworks').querySelectorAll('tbody tr')[MOST_FRAMEWORKS].querySelector('button').focus();
    };
    const first = isLong ? [...rows].sort((a, b) => b.meetingsHeld - a.meetingsHeld) : rows;
    cut('frameworks', 'Framework', isLong && !showsAllFrameworks ? first.slice(0, MOST_FRAMEWORKS) : first);
  };

  const showLists = async (wanted, day) => {
    const part = { framework: wanted.framework };
    const [scheduled, postponed, recent, undertaken] = await Promise.all([
      readAll('/v1/meetings', { ...part, state: 'scheduled', limit: 500 }),
      readAll('/v1/meetings', { ...part, state: 'postponed', limit: 500 }),
      lastHeld(part, wanted.from, day),
      readAll('/v1/commitments', { ...part, status: 'open', limit: 500 }),
    ]);
    return () => {
      const endsBefore = (m, other) => lastDay(m) < other.slice(0, lastDay(m).length);
      const waiting = [...scheduled.filter(m => endsBefore(m, today())), ...postponed];
      const upcoming = scheduled.filter(m => !waiting.includes(m) && !endsBefore(m, day));
      byId('lists-of-now').hidden = !wanted.knownAt;
      meetings('upcoming', upcoming.sort(byDay).slice(0, MOST), `No meeting is scheduled on or after ${day}.`, {
        all: upcoming.length,
        which: 'The first',
      });
      meetings('recent', recent, `No meeting was held in the five years up to ${day}.`);
      byId('of-waiting').hidden = waiting.length === 0;
      meetings('waiting', waiting.sort(byLastDay).slice(-MOST).reverse(), '', { all: waiting.length, which: 'The last' });
      commitments(undertaken);
    };
  };

  const ask = async () => {
    const mine = ++asking;
    untell();
    byId('status').textContent = 'Reading …';
    const wanted = asked();
    keepInAddress(wanted);
    try {
      const wrong = Object.keys(unreadable).map(name => ({
        pointer: `/${name}`,
        detail: 'Must be a year (2021), a month (2012-07) or a day (2018-04-04).',
      }));
      if (wrong.length) throw Object.assign(new Error(wrong[0].detail), { errors: wrong });
      const first = (await ifAllowed(read('/v1/statistics/cumulative', wanted)))?.body;
      // All figures that follow are of one position, so that no two numbers on the page disagree.
      const fixed = first && { ...wanted, asOf: first.asOf, knownAt: first.position };
      const [sheet, series, lists] = await Promise.all([
        first && read('/v1/statistics/factsheet', fixed),
        first && read('/v1/statistics/series', { ...fixed, per: 'year' }),
        ifAllowed(showLists(wanted, first?.asOf || wanted.asOf || today())),
      ]);
      if (mine !== asking) return;
      question = fixed || wanted;
      byId('of-figures').hidden = !first;
      byId('of-lists').hidden = !lists;
      if (first) {
        if (frameworks.length === 0) frameworks = first.byFramework.map(r => ({ id: r.framework, name: r.frameworkName, levels: [] }));
        showFigures(first, sheet.body, series.body);
      }
      if (lists) lists();
      const unread = [first ? null : 'figures (statistics:read)', lists ? null : 'meetings and commitments (activity:read)'].filter(
        Boolean,
      );
      byId('status').textContent =
        (first ? `Read up to position ${first.position}.` : '') +
        (unread.length ? ` This key may not read ${unread.join(', nor ')}.` : '');
      await showAudit();
    } catch (error) {
      if (mine !== asking) return;
      // What was asked before would stand under the new question.
      byId('of-figures').hidden = byId('of-lists').hidden = true;
      fail(error);
    }
  };

  const open = async () => {
    untell();
    try {
      const [found, known] = await Promise.all([
        ifAllowed(readAll('/v1/frameworks', { limit: 500 })),
        ifAllowed(readAll('/v1/organisations', { limit: 500 })),
      ]);
      frameworks = found || [];
      organisations = new Map((known || []).map(o => [o.id, o.shortName]));
    } catch (error) {
      // Nobody is signed in yet: that is no failure.
      if (error.status === 401 && !key) return;
      fail(error);
      return;
    }
    if (key) store.setItem('cooperation-key', key);
    byId('key').value = '';
    byId('framework').replaceChildren(
      make('option', { value: '' }, 'All frameworks together'),
      ...frameworks.map(f => make('option', { value: f.id }, f.name)),
    );
    if (frameworks.length === 1) byId('framework').value = frameworks[0].id;
    takeFromAddress();
    byId('as-of').max = '9999-12-31';
    byId('as-of').placeholder = today();
    // The form goes with whoever stands in it: they are led on to the figures.
    const stoodInForm = byId('key-form').contains(document.activeElement);
    byId('key-form').hidden = true;
    byId('figures').hidden = false;
    if (stoodInForm) byId('main').focus();
    offerToLeave();
    await ask();
  };

  byId('key-form').addEventListener('submit', event => {
    event.preventDefault();
    key = byId('key').value.trim();
    open();
  });
  byId('question').addEventListener('submit', event => {
    event.preventDefault();
    unreadable = {};
    ask();
  });
  for (const [name, field] of Object.entries(FIELDS)) byId(field).addEventListener('input', () => delete unreadable[name]);
  byId('framework').addEventListener('change', ask);
  window.addEventListener('hashchange', () => {
    if (!byId('figures').hidden) {
      takeFromAddress();
      ask();
    }
  });
  byId('forget').addEventListener('click', leave);
  byId('close').addEventListener('click', () => byId('evidence').close());
  if (key || signsIn) open();
})();
