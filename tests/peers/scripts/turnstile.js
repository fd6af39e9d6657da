// What stands for Turnstile's script: a frame of its host in which somebody is found to be a person.
(() => {
  const widgets = [];
  function shown(place, options) {
    const made = document.createElement('iframe');
    made.src = `https://challenges.cloudflare.com/widget.html?key=${options.sitekey}`;
    made.title = 'Widget containing a security challenge';
    made.style.border = '0';
    made.style.height = '65px';
    made.style.width = '300px';
    addEventListener('message', (event) => {
      if (event.source === made.contentWindow) options.callback(event.data.token);
      const kept = place.querySelector('input');
      if (kept && event.source === made.contentWindow) kept.setAttribute('value', event.data.token);
    });
    place.append(made);
    return made;
  }
  // Without `render=explicit` it fills the places of a page by itself, and adds a field to their form.
  const explicit = new URL(document.currentScript.src).searchParams.get('render') === 'explicit';
  for (const place of explicit ? [] : document.querySelectorAll('.cf-turnstile')) {
    const field = document.createElement('input');
    field.type = 'hidden';
    field.name = 'cf-turnstile-response';
    place.append(field);
    shown(place, { sitekey: place.dataset.sitekey, callback: () => {} });
  }
  window.turnstile = {
    render(place, options) {
      widgets.push(shown(place, options));
      return `widget-${widgets.length - 1}`;
    },
    reset(name) {
      const made = widgets[Number(name.split('-')[1])];
      made.src = made.src;
    },
  };
})();
