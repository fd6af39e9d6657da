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
    });
    place.append(made);
    return made;
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
