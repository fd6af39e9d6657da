// What stands for PayPal's script: buttons that open its window, in which the payer approves or leaves. It adds a style to
// the page under the nonce that it was given, as the real one does.
(() => {
  const nonce = document.currentScript.dataset.cspNonce ?? '';
  const known = new URL(document.currentScript.src).searchParams;
  const style = document.createElement('style');
  style.setAttribute('nonce', nonce);
  style.textContent = '.pp-button{width:100%;height:48px;border:0;border-radius:6px;background:#ffc439;color:#111;font:600 18px system-ui}';
  document.head.append(style);

  function Buttons(options) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'pp-button';
    button.textContent = 'PayPal';
    const begin = options.createOrder ?? options.createVaultSetupToken;
    const name = options.createOrder ? 'orderID' : 'vaultSetupToken';

    async function clicked() {
      let rejected = false;
      const actions = { resolve: async () => {}, reject: async () => { rejected = true; } };
      const opened = window.open('about:blank', 'paypal', 'width=450,height=600');
      await options.onClick?.({ fundingSource: options.fundingSource }, actions);
      if (rejected) return opened.close();
      try {
        const token = await begin();
        addEventListener('message', function heard(event) {
          if (event.origin !== 'https://www.paypal.com') return;
          removeEventListener('message', heard);
          if (event.data.approved) options.onApprove({ [name]: token });
          else options.onCancel?.({ [name]: token });
        });
        opened.location = `https://www.paypal.com/checkoutnow?token=${token}&client=${known.get('client-id')}`;
      } catch (error) {
        opened.close();
        options.onError(error);
      }
    }

    button.addEventListener('click', clicked);
    return {
      isEligible: () => known.get('currency') !== 'ISK',
      render: async (place) => place.append(button),
      close: async () => button.remove(),
    };
  }

  window.paypal = { Buttons };
})();
