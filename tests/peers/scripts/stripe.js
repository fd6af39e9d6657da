// What stands for Stripe.js: the calls that our pages make of it, with fields in frames of its host, and the API behind it
// asked with the publishable key and a client secret, as the real one does. What the real one refuses, this one does too.
(() => {
  const API = 'https://api.stripe.com';

  function frame(src, title, height) {
    const made = document.createElement('iframe');
    made.src = src;
    made.title = title;
    made.style.width = '100%';
    made.style.height = `${height}px`;
    made.style.border = '0';
    return made;
  }

  function heardFrom(made, heard) {
    addEventListener('message', (event) => {
      if (event.source === made.contentWindow) heard(event.data);
    });
  }

  function elements(options) {
    const own = { ...options };
    const dark = options.appearance.theme === 'night' ? '&dark' : '';
    let shown = null;
    return {
      options: own,
      create(kind, given) {
        const listeners = {};
        const wallets = Object.entries(given.paymentMethods ?? {}).filter(([, wish]) => wish !== 'never');
        const page =
          kind === 'payment'
            ? `https://js.stripe.com/fields.html?lang=${options.locale}${dark}`
            : `https://js.stripe.com/express.html?wallet=${wallets[0][0]}`;
        const made = frame(page, 'Secure payment input frame', kind === 'payment' ? 250 : 60);
        const tell = (name, event) => listeners[name]?.(event);
        heardFrom(made, (said) => {
          if (said.ready) tell('ready', { elementType: kind, availablePaymentMethods: said.available });
          if (said.clicked) tell('click', { resolve: () => made.contentWindow.postMessage('sheet', '*'), reject: () => {} });
          if (said.token) {
            own.token = said.token;
            tell('confirm', { paymentFailed: () => made.contentWindow.postMessage('failed', '*') });
          }
        });
        shown = {
          kind,
          frame: made,
          mount: (place) => place.append(made),
          destroy: () => made.remove(),
          on: (name, heard) => {
            listeners[name] = heard;
          },
        };
        return shown;
      },
      async submit() {
        own.submitted = true;
        if (shown.kind !== 'payment') return {};
        const said = await new Promise((resolve) => {
          heardFrom(shown.frame, (told) => 'complete' in told && resolve(told));
          shown.frame.contentWindow.postMessage('collect', '*');
        });
        own.token = said.token;
        return said.complete ? {} : { error: { type: 'validation_error', message: 'Your card number is incomplete.' } };
      },
      update: (change) => Object.assign(own, change),
    };
  }

  async function call(key, method, path, form) {
    const body = new URLSearchParams({ ...form, key });
    const sent = method === 'GET' ? fetch(`${API}${path}?${body}`) : fetch(API + path, { method, body });
    return (await sent).json();
  }

  /** What Stripe.js raises when fields and intent are not about the same. */
  function mustAgree(own, intent) {
    if (own.clientSecret) return;
    const wrong = (what) => {
      throw new Error(`IntegrationError: ${what} of the intent is not that of the Elements`);
    };
    if (!own.submitted) throw new Error('IntegrationError: elements.submit() must be called before confirming');
    if (String(own.paymentMethodTypes) !== String(intent.payment_method_types)) wrong('payment_method_types');
    if (own.mode === 'setup') return intent.object === 'setup_intent' || wrong('the kind');
    if (own.amount !== intent.amount) wrong('amount');
    if (own.currency !== intent.currency) wrong('currency');
    if (own.setupFutureUsage !== intent.setup_future_usage) wrong('setup_future_usage');
  }

  async function confirm(key, kind, { elements: from, clientSecret, confirmParams, redirect }) {
    if (redirect !== 'if_required') throw new Error('the page would be left');
    const path = `/v1/${kind}s/${clientSecret.split('_secret_')[0]}`;
    const intent = await call(key, 'GET', path, { client_secret: clientSecret });
    mustAgree(from.options, intent);
    const said = await call(key, 'POST', `${path}/confirm`, {
      client_secret: clientSecret,
      'payment_method_data[token]': from.options.token,
      return_url: confirmParams.return_url,
      use_stripe_sdk: 'true',
    });
    if (said.error) return { error: said.error };
    if (said.next_action?.type !== 'use_stripe_sdk') return { [kind]: said };
    return challenged(key, kind, path, clientSecret, said);
  }

  /** 3-D Secure, in a frame over the page. */
  async function challenged(key, kind, path, clientSecret, intent) {
    const made = frame(`https://hooks.stripe.com/3ds/${intent.id}`, '3D Secure authentication', 300);
    made.style.position = 'fixed';
    made.style.inset = '80px 0 auto 0';
    made.style.zIndex = '9';
    document.body.append(made);
    await new Promise((resolve) => heardFrom(made, resolve));
    made.remove();
    const now = await call(key, 'GET', path, { client_secret: clientSecret });
    const error = now.last_payment_error ?? now.last_setup_error;
    return error ? { error } : { [kind]: now };
  }

  window.Stripe = (key) => ({
    elements,
    confirmPayment: (given) => confirm(key, 'payment_intent', given),
    confirmSetup: (given) => confirm(key, 'setup_intent', given),
  });
})();
