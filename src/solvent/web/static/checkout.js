var e=globalThis,t=e.ShadowRoot&&(e.ShadyCSS===void 0||e.ShadyCSS.nativeShadow)&&`adoptedStyleSheets`in Document.prototype&&`replace`in CSSStyleSheet.prototype,n=Symbol(),r=new WeakMap,i=class{constructor(e,t,r){if(this._$cssResult$=!0,r!==n)throw Error("CSSResult is not constructable. Use `unsafeCSS` or `css` instead.");this.cssText=e,this.t=t}get styleSheet(){let e=this.o,n=this.t;if(t&&e===void 0){let t=n!==void 0&&n.length===1;t&&(e=r.get(n)),e===void 0&&((this.o=e=new CSSStyleSheet).replaceSync(this.cssText),t&&r.set(n,e))}return e}toString(){return this.cssText}},a=e=>new i(typeof e==`string`?e:e+``,void 0,n),o=(e,...t)=>new i(e.length===1?e[0]:t.reduce((t,n,r)=>t+(e=>{if(!0===e._$cssResult$)return e.cssText;if(typeof e==`number`)return e;throw Error(`Value passed to 'css' function must be a 'css' function result: `+e+`. Use 'unsafeCSS' to pass non-literal values, but take care to ensure page security.`)})(n)+e[r+1],e[0]),e,n),s=(n,r)=>{if(t)n.adoptedStyleSheets=r.map(e=>e instanceof CSSStyleSheet?e:e.styleSheet);else for(let t of r){let r=document.createElement(`style`),i=e.litNonce;i!==void 0&&r.setAttribute(`nonce`,i),r.textContent=t.cssText,n.appendChild(r)}},c=t?e=>e:e=>e instanceof CSSStyleSheet?(e=>{let t=``;for(let n of e.cssRules)t+=n.cssText;return a(t)})(e):e,{is:l,defineProperty:u,getOwnPropertyDescriptor:d,getOwnPropertyNames:f,getOwnPropertySymbols:p,getPrototypeOf:m}=Object,h=globalThis,g=h.trustedTypes,_=g?g.emptyScript:``,v=h.reactiveElementPolyfillSupport,y=(e,t)=>e,b={toAttribute(e,t){switch(t){case Boolean:e=e?_:null;break;case Object:case Array:e=e==null?e:JSON.stringify(e)}return e},fromAttribute(e,t){let n=e;switch(t){case Boolean:n=e!==null;break;case Number:n=e===null?null:Number(e);break;case Object:case Array:try{n=JSON.parse(e)}catch{n=null}}return n}},x=(e,t)=>!l(e,t),ee={attribute:!0,type:String,converter:b,reflect:!1,useDefault:!1,hasChanged:x};Symbol.metadata??=Symbol(`metadata`),h.litPropertyMetadata??=new WeakMap;var S=class extends HTMLElement{static addInitializer(e){this._$Ei(),(this.l??=[]).push(e)}static get observedAttributes(){return this.finalize(),this._$Eh&&[...this._$Eh.keys()]}static createProperty(e,t=ee){if(t.state&&(t.attribute=!1),this._$Ei(),this.prototype.hasOwnProperty(e)&&((t=Object.create(t)).wrapped=!0),this.elementProperties.set(e,t),!t.noAccessor){let n=Symbol(),r=this.getPropertyDescriptor(e,n,t);r!==void 0&&u(this.prototype,e,r)}}static getPropertyDescriptor(e,t,n){let{get:r,set:i}=d(this.prototype,e)??{get(){return this[t]},set(e){this[t]=e}};return{get:r,set(t){let a=r?.call(this);i?.call(this,t),this.requestUpdate(e,a,n)},configurable:!0,enumerable:!0}}static getPropertyOptions(e){return this.elementProperties.get(e)??ee}static _$Ei(){if(this.hasOwnProperty(y(`elementProperties`)))return;let e=m(this);e.finalize(),e.l!==void 0&&(this.l=[...e.l]),this.elementProperties=new Map(e.elementProperties)}static finalize(){if(this.hasOwnProperty(y(`finalized`)))return;if(this.finalized=!0,this._$Ei(),this.hasOwnProperty(y(`properties`))){let e=this.properties,t=[...f(e),...p(e)];for(let n of t)this.createProperty(n,e[n])}let e=this[Symbol.metadata];if(e!==null){let t=litPropertyMetadata.get(e);if(t!==void 0)for(let[e,n]of t)this.elementProperties.set(e,n)}this._$Eh=new Map;for(let[e,t]of this.elementProperties){let n=this._$Eu(e,t);n!==void 0&&this._$Eh.set(n,e)}this.elementStyles=this.finalizeStyles(this.styles)}static finalizeStyles(e){let t=[];if(Array.isArray(e)){let n=new Set(e.flat(1/0).reverse());for(let e of n)t.unshift(c(e))}else e!==void 0&&t.push(c(e));return t}static _$Eu(e,t){let n=t.attribute;return!1===n?void 0:typeof n==`string`?n:typeof e==`string`?e.toLowerCase():void 0}constructor(){super(),this._$Ep=void 0,this.isUpdatePending=!1,this.hasUpdated=!1,this._$Em=null,this._$Ev()}_$Ev(){this._$ES=new Promise(e=>this.enableUpdating=e),this._$AL=new Map,this._$E_(),this.requestUpdate(),this.constructor.l?.forEach(e=>e(this))}addController(e){(this._$EO??=new Set).add(e),this.renderRoot!==void 0&&this.isConnected&&e.hostConnected?.()}removeController(e){this._$EO?.delete(e)}_$E_(){let e=new Map,t=this.constructor.elementProperties;for(let n of t.keys())this.hasOwnProperty(n)&&(e.set(n,this[n]),delete this[n]);e.size>0&&(this._$Ep=e)}createRenderRoot(){let e=this.shadowRoot??this.attachShadow(this.constructor.shadowRootOptions);return s(e,this.constructor.elementStyles),e}connectedCallback(){this.renderRoot??=this.createRenderRoot(),this.enableUpdating(!0),this._$EO?.forEach(e=>e.hostConnected?.())}enableUpdating(e){}disconnectedCallback(){this._$EO?.forEach(e=>e.hostDisconnected?.())}attributeChangedCallback(e,t,n){this._$AK(e,n)}_$ET(e,t){let n=this.constructor.elementProperties.get(e),r=this.constructor._$Eu(e,n);if(r!==void 0&&!0===n.reflect){let i=(n.converter?.toAttribute===void 0?b:n.converter).toAttribute(t,n.type);this._$Em=e,i==null?this.removeAttribute(r):this.setAttribute(r,i),this._$Em=null}}_$AK(e,t){let n=this.constructor,r=n._$Eh.get(e);if(r!==void 0&&this._$Em!==r){let e=n.getPropertyOptions(r),i=typeof e.converter==`function`?{fromAttribute:e.converter}:e.converter?.fromAttribute===void 0?b:e.converter;this._$Em=r;let a=i.fromAttribute(t,e.type);this[r]=a??this._$Ej?.get(r)??a,this._$Em=null}}requestUpdate(e,t,n,r=!1,i){if(e!==void 0){let a=this.constructor;if(!1===r&&(i=this[e]),n??=a.getPropertyOptions(e),!((n.hasChanged??x)(i,t)||n.useDefault&&n.reflect&&i===this._$Ej?.get(e)&&!this.hasAttribute(a._$Eu(e,n))))return;this.C(e,t,n)}!1===this.isUpdatePending&&(this._$ES=this._$EP())}C(e,t,{useDefault:n,reflect:r,wrapped:i},a){n&&!(this._$Ej??=new Map).has(e)&&(this._$Ej.set(e,a??t??this[e]),!0!==i||a!==void 0)||(this._$AL.has(e)||(this.hasUpdated||n||(t=void 0),this._$AL.set(e,t)),!0===r&&this._$Em!==e&&(this._$Eq??=new Set).add(e))}async _$EP(){this.isUpdatePending=!0;try{await this._$ES}catch(e){Promise.reject(e)}let e=this.scheduleUpdate();return e!=null&&await e,!this.isUpdatePending}scheduleUpdate(){return this.performUpdate()}performUpdate(){if(!this.isUpdatePending)return;if(!this.hasUpdated){if(this.renderRoot??=this.createRenderRoot(),this._$Ep){for(let[e,t]of this._$Ep)this[e]=t;this._$Ep=void 0}let e=this.constructor.elementProperties;if(e.size>0)for(let[t,n]of e){let{wrapped:e}=n,r=this[t];!0!==e||this._$AL.has(t)||r===void 0||this.C(t,void 0,n,r)}}let e=!1,t=this._$AL;try{e=this.shouldUpdate(t),e?(this.willUpdate(t),this._$EO?.forEach(e=>e.hostUpdate?.()),this.update(t)):this._$EM()}catch(t){throw e=!1,this._$EM(),t}e&&this._$AE(t)}willUpdate(e){}_$AE(e){this._$EO?.forEach(e=>e.hostUpdated?.()),this.hasUpdated||(this.hasUpdated=!0,this.firstUpdated(e)),this.updated(e)}_$EM(){this._$AL=new Map,this.isUpdatePending=!1}get updateComplete(){return this.getUpdateComplete()}getUpdateComplete(){return this._$ES}shouldUpdate(e){return!0}update(e){this._$Eq&&=this._$Eq.forEach(e=>this._$ET(e,this[e])),this._$EM()}updated(e){}firstUpdated(e){}};S.elementStyles=[],S.shadowRootOptions={mode:`open`},S[y(`elementProperties`)]=new Map,S[y(`finalized`)]=new Map,v?.({ReactiveElement:S}),(h.reactiveElementVersions??=[]).push(`2.1.2`);var C=globalThis,w=e=>e,T=C.trustedTypes,E=T?T.createPolicy(`lit-html`,{createHTML:e=>e}):void 0,D=`$lit$`,O=`lit$${Math.random().toFixed(9).slice(2)}$`,k=`?`+O,A=`<${k}>`,j=document,M=()=>j.createComment(``),N=e=>e===null||typeof e!=`object`&&typeof e!=`function`,P=Array.isArray,F=e=>P(e)||typeof e?.[Symbol.iterator]==`function`,te=`[ 	
\f\r]`,I=/<(?:(!--|\/[^a-zA-Z])|(\/?[a-zA-Z][^>\s]*)|(\/?$))/g,ne=/-->/g,re=/>/g,L=RegExp(`>|${te}(?:([^\\s"'>=/]+)(${te}*=${te}*(?:[^ \t\n\f\r"'\`<>=]|("|')|))|$)`,`g`),ie=/'/g,ae=/"/g,oe=/^(?:script|style|textarea|title)$/i,se=e=>(t,...n)=>({_$litType$:e,strings:t,values:n}),R=se(1),z=se(2),B=Symbol.for(`lit-noChange`),V=Symbol.for(`lit-nothing`),ce=new WeakMap,H=j.createTreeWalker(j,129);function le(e,t){if(!P(e)||!e.hasOwnProperty(`raw`))throw Error(`invalid template strings array`);return E===void 0?t:E.createHTML(t)}var ue=(e,t)=>{let n=e.length-1,r=[],i,a=t===2?`<svg>`:t===3?`<math>`:``,o=I;for(let t=0;t<n;t++){let n=e[t],s,c,l=-1,u=0;for(;u<n.length&&(o.lastIndex=u,c=o.exec(n),c!==null);)u=o.lastIndex,o===I?c[1]===`!--`?o=ne:c[1]===void 0?c[2]===void 0?c[3]!==void 0&&(o=L):(oe.test(c[2])&&(i=RegExp(`</`+c[2],`g`)),o=L):o=re:o===L?c[0]===`>`?(o=i??I,l=-1):c[1]===void 0?l=-2:(l=o.lastIndex-c[2].length,s=c[1],o=c[3]===void 0?L:c[3]===`"`?ae:ie):o===ae||o===ie?o=L:o===ne||o===re?o=I:(o=L,i=void 0);let d=o===L&&e[t+1].startsWith(`/>`)?` `:``;a+=o===I?n+A:l>=0?(r.push(s),n.slice(0,l)+D+n.slice(l)+O+d):n+O+(l===-2?t:d)}return[le(e,a+(e[n]||`<?>`)+(t===2?`</svg>`:t===3?`</math>`:``)),r]},de=class e{constructor({strings:t,_$litType$:n},r){let i;this.parts=[];let a=0,o=0,s=t.length-1,c=this.parts,[l,u]=ue(t,n);if(this.el=e.createElement(l,r),H.currentNode=this.el.content,n===2||n===3){let e=this.el.content.firstChild;e.replaceWith(...e.childNodes)}for(;(i=H.nextNode())!==null&&c.length<s;){if(i.nodeType===1){if(i.hasAttributes())for(let e of i.getAttributeNames())if(e.endsWith(D)){let t=u[o++],n=i.getAttribute(e).split(O),r=/([.?@])?(.*)/.exec(t);c.push({type:1,index:a,name:r[2],strings:n,ctor:r[1]===`.`?pe:r[1]===`?`?me:r[1]===`@`?he:G}),i.removeAttribute(e)}else e.startsWith(O)&&(c.push({type:6,index:a}),i.removeAttribute(e));if(oe.test(i.tagName)){let e=i.textContent.split(O),t=e.length-1;if(t>0){i.textContent=T?T.emptyScript:``;for(let n=0;n<t;n++)i.append(e[n],M()),H.nextNode(),c.push({type:2,index:++a});i.append(e[t],M())}}}else if(i.nodeType===8){if(i.data===k)c.push({type:2,index:a});else{let e=-1;for(;(e=i.data.indexOf(O,e+1))!==-1;)c.push({type:7,index:a}),e+=O.length-1}}a++}}static createElement(e,t){let n=j.createElement(`template`);return n.innerHTML=e,n}};function U(e,t,n=e,r){if(t===B)return t;let i=r===void 0?n._$Cl:n._$Co?.[r],a=N(t)?void 0:t._$litDirective$;return i?.constructor!==a&&(i?._$AO?.(!1),a===void 0?i=void 0:(i=new a(e),i._$AT(e,n,r)),r===void 0?n._$Cl=i:(n._$Co??=[])[r]=i),i!==void 0&&(t=U(e,i._$AS(e,t.values),i,r)),t}var fe=class{constructor(e,t){this._$AV=[],this._$AN=void 0,this._$AD=e,this._$AM=t}get parentNode(){return this._$AM.parentNode}get _$AU(){return this._$AM._$AU}u(e){let{el:{content:t},parts:n}=this._$AD,r=(e?.creationScope??j).importNode(t,!0);H.currentNode=r;let i=H.nextNode(),a=0,o=0,s=n[0];for(;s!==void 0;){if(a===s.index){let t;s.type===2?t=new W(i,i.nextSibling,this,e):s.type===1?t=new s.ctor(i,s.name,s.strings,this,e):s.type===6&&(t=new ge(i,this,e)),this._$AV.push(t),s=n[++o]}a!==s?.index&&(i=H.nextNode(),a++)}return H.currentNode=j,r}p(e){let t=0;for(let n of this._$AV)n!==void 0&&(n.strings===void 0?n._$AI(e[t]):(n._$AI(e,n,t),t+=n.strings.length-2)),t++}},W=class e{get _$AU(){return this._$AM?._$AU??this._$Cv}constructor(e,t,n,r){this.type=2,this._$AH=V,this._$AN=void 0,this._$AA=e,this._$AB=t,this._$AM=n,this.options=r,this._$Cv=r?.isConnected??!0}get parentNode(){let e=this._$AA.parentNode,t=this._$AM;return t!==void 0&&e?.nodeType===11&&(e=t.parentNode),e}get startNode(){return this._$AA}get endNode(){return this._$AB}_$AI(e,t=this){e=U(this,e,t),N(e)?e===V||e==null||e===``?(this._$AH!==V&&this._$AR(),this._$AH=V):e!==this._$AH&&e!==B&&this._(e):e._$litType$===void 0?e.nodeType===void 0?F(e)?this.k(e):this._(e):this.T(e):this.$(e)}O(e){return this._$AA.parentNode.insertBefore(e,this._$AB)}T(e){this._$AH!==e&&(this._$AR(),this._$AH=this.O(e))}_(e){this._$AH!==V&&N(this._$AH)?this._$AA.nextSibling.data=e:this.T(j.createTextNode(e)),this._$AH=e}$(e){let{values:t,_$litType$:n}=e,r=typeof n==`number`?this._$AC(e):(n.el===void 0&&(n.el=de.createElement(le(n.h,n.h[0]),this.options)),n);if(this._$AH?._$AD===r)this._$AH.p(t);else{let e=new fe(r,this),n=e.u(this.options);e.p(t),this.T(n),this._$AH=e}}_$AC(e){let t=ce.get(e.strings);return t===void 0&&ce.set(e.strings,t=new de(e)),t}k(t){P(this._$AH)||(this._$AH=[],this._$AR());let n=this._$AH,r,i=0;for(let a of t)i===n.length?n.push(r=new e(this.O(M()),this.O(M()),this,this.options)):r=n[i],r._$AI(a),i++;i<n.length&&(this._$AR(r&&r._$AB.nextSibling,i),n.length=i)}_$AR(e=this._$AA.nextSibling,t){for(this._$AP?.(!1,!0,t);e!==this._$AB;){let t=w(e).nextSibling;w(e).remove(),e=t}}setConnected(e){this._$AM===void 0&&(this._$Cv=e,this._$AP?.(e))}},G=class{get tagName(){return this.element.tagName}get _$AU(){return this._$AM._$AU}constructor(e,t,n,r,i){this.type=1,this._$AH=V,this._$AN=void 0,this.element=e,this.name=t,this._$AM=r,this.options=i,n.length>2||n[0]!==``||n[1]!==``?(this._$AH=Array(n.length-1).fill(new String),this.strings=n):this._$AH=V}_$AI(e,t=this,n,r){let i=this.strings,a=!1;if(i===void 0)e=U(this,e,t,0),a=!N(e)||e!==this._$AH&&e!==B,a&&(this._$AH=e);else{let r=e,o,s;for(e=i[0],o=0;o<i.length-1;o++)s=U(this,r[n+o],t,o),s===B&&(s=this._$AH[o]),a||=!N(s)||s!==this._$AH[o],s===V?e=V:e!==V&&(e+=(s??``)+i[o+1]),this._$AH[o]=s}a&&!r&&this.j(e)}j(e){e===V?this.element.removeAttribute(this.name):this.element.setAttribute(this.name,e??``)}},pe=class extends G{constructor(){super(...arguments),this.type=3}j(e){this.element[this.name]=e===V?void 0:e}},me=class extends G{constructor(){super(...arguments),this.type=4}j(e){this.element.toggleAttribute(this.name,!!e&&e!==V)}},he=class extends G{constructor(e,t,n,r,i){super(e,t,n,r,i),this.type=5}_$AI(e,t=this){if((e=U(this,e,t,0)??V)===B)return;let n=this._$AH,r=e===V&&n!==V||e.capture!==n.capture||e.once!==n.once||e.passive!==n.passive,i=e!==V&&(n===V||r);r&&this.element.removeEventListener(this.name,this,n),i&&this.element.addEventListener(this.name,this,e),this._$AH=e}handleEvent(e){typeof this._$AH==`function`?this._$AH.call(this.options?.host??this.element,e):this._$AH.handleEvent(e)}},ge=class{constructor(e,t,n){this.element=e,this.type=6,this._$AN=void 0,this._$AM=t,this.options=n}get _$AU(){return this._$AM._$AU}_$AI(e){U(this,e)}},_e={M:D,P:O,A:k,C:1,L:ue,R:fe,D:F,V:U,I:W,H:G,N:me,U:he,B:pe,F:ge},ve=C.litHtmlPolyfillSupport;ve?.(de,W),(C.litHtmlVersions??=[]).push(`3.3.3`);var ye=(e,t,n)=>{let r=n?.renderBefore??t,i=r._$litPart$;if(i===void 0){let e=n?.renderBefore??null;r._$litPart$=i=new W(t.insertBefore(M(),e),e,void 0,n??{})}return i._$AI(e),i},be=globalThis,K=class extends S{constructor(){super(...arguments),this.renderOptions={host:this},this._$Do=void 0}createRenderRoot(){let e=super.createRenderRoot();return this.renderOptions.renderBefore??=e.firstChild,e}update(e){let t=this.render();this.hasUpdated||(this.renderOptions.isConnected=this.isConnected),super.update(e),this._$Do=ye(t,this.renderRoot,this.renderOptions)}connectedCallback(){super.connectedCallback(),this._$Do?.setConnected(!0)}disconnectedCallback(){super.disconnectedCallback(),this._$Do?.setConnected(!1)}render(){return B}};K._$litElement$=!0,K.finalized=!0,be.litElementHydrateSupport?.({LitElement:K});var xe=be.litElementPolyfillSupport;xe?.({LitElement:K}),(be.litElementVersions??=[]).push(`4.2.2`);var Se=/\{[^{}]+\}/g,Ce=()=>typeof process==`object`&&Number.parseInt(process?.versions?.node?.substring(0,2))>=18&&process.versions.undici;function we(){return Math.random().toString(36).slice(2,11)}function Te(e){let{baseUrl:t=``,Request:n=globalThis.Request,fetch:r=globalThis.fetch,querySerializer:i,bodySerializer:a,pathSerializer:o,headers:s,requestInitExt:c=void 0,...l}={...e};c=Ce()?c:void 0,t=Ne(t);let u=[];async function d(e,d){let{baseUrl:f,fetch:p=r,Request:m=n,headers:h,params:g={},parseAs:_=`json`,querySerializer:v,bodySerializer:y=a??Ae,pathSerializer:b,body:x,middleware:ee=[],...S}=d||{},C=t;f&&(C=Ne(f)??t);let w=typeof i==`function`?i:Oe(i);v&&(w=typeof v==`function`?v:Oe({...typeof i==`object`?i:{},...v}));let T=b||o||ke,E=x===void 0?void 0:y(x,Me(s,h,g.header)),D=Me(E===void 0||E instanceof FormData?{}:{"Content-Type":`application/json`},s,h,g.header),O=[...u,...ee],k={redirect:`follow`,...l,...S,body:E,headers:D},A,j,M=new m(je(e,{baseUrl:C,params:g,querySerializer:w,pathSerializer:T}),k),N;for(let e in S)e in M||(M[e]=S[e]);if(O.length){A=we(),j=Object.freeze({baseUrl:C,fetch:p,parseAs:_,querySerializer:w,bodySerializer:y,pathSerializer:T});for(let t of O)if(t&&typeof t==`object`&&typeof t.onRequest==`function`){let n=await t.onRequest({request:M,schemaPath:e,params:g,options:j,id:A});if(n){if(n instanceof m)M=n;else if(n instanceof Response){N=n;break}else throw Error(`onRequest: must return new Request() or Response() when modifying the request`)}}}if(!N){try{N=await p(M,c)}catch(t){let n=t;if(O.length)for(let t=O.length-1;t>=0;t--){let r=O[t];if(r&&typeof r==`object`&&typeof r.onError==`function`){let t=await r.onError({request:M,error:n,schemaPath:e,params:g,options:j,id:A});if(t){if(t instanceof Response){n=void 0,N=t;break}if(t instanceof Error){n=t;continue}throw Error(`onError: must return new Response() or instance of Error`)}}}if(n)throw n}if(O.length)for(let t=O.length-1;t>=0;t--){let n=O[t];if(n&&typeof n==`object`&&typeof n.onResponse==`function`){let t=await n.onResponse({request:M,response:N,schemaPath:e,params:g,options:j,id:A});if(t){if(!(t instanceof Response))throw Error(`onResponse: must return new Response() when modifying the response`);N=t}}}}let P=N.headers.get(`Content-Length`);if(N.status===204||M.method===`HEAD`||P===`0`&&!N.headers.get(`Transfer-Encoding`)?.includes(`chunked`))return N.ok?{data:void 0,response:N}:{error:void 0,response:N};if(N.ok)return{data:await(async()=>{if(_===`stream`)return N.body;if(_===`json`&&!P){let e=await N.text();return e?JSON.parse(e):void 0}return await N[_]()})(),response:N};let F=await N.text();try{F=JSON.parse(F)}catch{}return{error:F,response:N}}return{request(e,t,n){return d(t,{...n,method:e.toUpperCase()})},GET(e,t){return d(e,{...t,method:`GET`})},PUT(e,t){return d(e,{...t,method:`PUT`})},POST(e,t){return d(e,{...t,method:`POST`})},DELETE(e,t){return d(e,{...t,method:`DELETE`})},OPTIONS(e,t){return d(e,{...t,method:`OPTIONS`})},HEAD(e,t){return d(e,{...t,method:`HEAD`})},PATCH(e,t){return d(e,{...t,method:`PATCH`})},TRACE(e,t){return d(e,{...t,method:`TRACE`})},use(...e){for(let t of e)if(t){if(typeof t!=`object`||!(`onRequest`in t||`onResponse`in t||`onError`in t))throw Error("Middleware must be an object with one of `onRequest()`, `onResponse() or `onError()`");u.push(t)}},eject(...e){for(let t of e){let e=u.indexOf(t);e!==-1&&u.splice(e,1)}}}}function q(e,t,n){if(t==null)return``;if(typeof t==`object`)throw Error("Deeply-nested arrays/objects aren’t supported. Provide your own `querySerializer()` to handle these.");return`${e}=${n?.allowReserved===!0?t:encodeURIComponent(t)}`}function Ee(e,t,n){if(!t||typeof t!=`object`)return``;let r=[],i={simple:`,`,label:`.`,matrix:`;`}[n.style]||`&`;if(n.style!==`deepObject`&&n.explode===!1){for(let e in t)r.push(e,n.allowReserved===!0?t[e]:encodeURIComponent(t[e]));let i=r.join(`,`);switch(n.style){case`form`:return`${e}=${i}`;case`label`:return`.${i}`;case`matrix`:return`;${e}=${i}`;default:return i}}for(let i in t){let a=n.style===`deepObject`?`${e}[${i}]`:i;r.push(q(a,t[i],n))}let a=r.join(i);return n.style===`label`||n.style===`matrix`?`${i}${a}`:a}function De(e,t,n){if(!Array.isArray(t))return``;if(n.explode===!1){let r={form:`,`,spaceDelimited:`%20`,pipeDelimited:`|`}[n.style]||`,`,i=(n.allowReserved===!0?t:t.map(e=>encodeURIComponent(e))).join(r);switch(n.style){case`simple`:return i;case`label`:return`.${i}`;case`matrix`:return`;${e}=${i}`;default:return`${e}=${i}`}}let r={simple:`,`,label:`.`,matrix:`;`}[n.style]||`&`,i=[];for(let r of t)n.style===`simple`||n.style===`label`?i.push(n.allowReserved===!0?r:encodeURIComponent(r)):i.push(q(e,r,n));return n.style===`label`||n.style===`matrix`?`${r}${i.join(r)}`:i.join(r)}function Oe(e){return function(t){let n=[];if(t&&typeof t==`object`)for(let r in t){let i=t[r];if(i!=null){if(Array.isArray(i)){if(i.length===0)continue;n.push(De(r,i,{style:`form`,explode:!0,...e?.array,allowReserved:e?.allowReserved||!1}))}else typeof i==`object`?n.push(Ee(r,i,{style:`deepObject`,explode:!0,...e?.object,allowReserved:e?.allowReserved||!1})):n.push(q(r,i,e))}}return n.join(`&`)}}function ke(e,t){let n=e;for(let r of e.match(Se)??[]){let e=r.substring(1,r.length-1),i=!1,a=`simple`;if(e.endsWith(`*`)&&(i=!0,e=e.substring(0,e.length-1)),e.startsWith(`.`)?(a=`label`,e=e.substring(1)):e.startsWith(`;`)&&(a=`matrix`,e=e.substring(1)),!t||t[e]===void 0||t[e]===null)continue;let o=t[e];n=Array.isArray(o)?n.replace(r,De(e,o,{style:a,explode:i})):typeof o==`object`?n.replace(r,Ee(e,o,{style:a,explode:i})):a===`matrix`?n.replace(r,`;${q(e,o)}`):n.replace(r,a===`label`?`.${encodeURIComponent(o)}`:encodeURIComponent(o))}return n}function Ae(e,t){return e instanceof FormData?e:t&&(t.get instanceof Function?t.get(`Content-Type`)??t.get(`content-type`):t[`Content-Type`]??t[`content-type`])===`application/x-www-form-urlencoded`?new URLSearchParams(e).toString():JSON.stringify(e)}function je(e,t){let n=`${t.baseUrl}${e}`;t.params?.path&&(n=t.pathSerializer(n,t.params.path));let r=t.querySerializer(t.params.query??{});return r.startsWith(`?`)&&(r=r.substring(1)),r&&(n+=`?${r}`),n}function Me(...e){let t=new Headers;for(let n of e){if(!n||typeof n!=`object`)continue;let e=n instanceof Headers?n.entries():Object.entries(n);for(let[n,r]of e)if(r===null)t.delete(n);else if(Array.isArray(r))for(let e of r)t.append(n,e);else r!==void 0&&t.set(n,r)}return t}function Ne(e){return e.endsWith(`/`)?e.substring(0,e.length-1):e}var Pe=2e4,Fe=class{base;http;path;constructor(e,t){this.base=e,this.http=Te({baseUrl:e,fetch:Ie,credentials:`omit`,cache:`no-store`}),this.path={token:t}}view=()=>J(this.http.GET(`/v1/checkout/{token}`,{params:{path:this.path}}));addLine=e=>J(this.http.POST(`/v1/checkout/{token}/lines`,{params:{path:this.path},body:e}));changeLine=(e,t)=>J(this.http.PATCH(`/v1/checkout/{token}/lines/{line_id}`,{params:{path:{...this.path,line_id:e}},body:t}));removeLine=e=>J(this.http.DELETE(`/v1/checkout/{token}/lines/{line_id}`,{params:{path:{...this.path,line_id:e}}}));coupons=e=>J(this.http.PUT(`/v1/checkout/{token}/coupons`,{params:{path:this.path},body:{codes:e}}));pay=(e,t)=>J(this.http.POST(`/v1/checkout/{token}/pay`,{params:{path:this.path,header:{"Idempotency-Key":t}},body:e}));confirm=e=>J(this.http.POST(`/v1/checkout/{token}/confirm`,{params:{path:this.path},body:{method:e}}));cancelPayment=()=>J(this.http.POST(`/v1/checkout/{token}/cancel-payment`,{params:{path:this.path}}));domains=e=>J(this.http.GET(`/v1/checkout/{token}/domains`,{params:{path:this.path,query:{name:e}}}));file=e=>this.base+e};function Ie(e){return fetch(e,{signal:AbortSignal.timeout(Pe)})}async function J(e){try{let{data:t,error:n,response:r}=await e;return r.ok&&t!==void 0?{ok:!0,value:t}:{ok:!1,problem:Le(r,n)}}catch{return{ok:!1,problem:{code:`offline`,status:0,errors:[],view:null}}}}function Le(e,t){let{type:n=``,errors:r=[],checkout:i=null}=t??{};return{code:n.slice(n.lastIndexOf(`:`)+1),status:e.status,errors:r,view:i}}var Re=(function(){let e=typeof document<`u`&&document.createElement(`link`).relList;return e&&e.supports&&e.supports(`modulepreload`)?`modulepreload`:`preload`})(),ze=function(e,t){return new URL(e,t).href},Be={},Ve=function(e){return e.pathname.endsWith(`.css`)},He=function(e,t,n){if(t in e)return e[t];let r=n();if(!r){e[t]=void 0;return}let i=r.then(()=>{e[t]=void 0},n=>{throw e[t]=void 0,n});return e[t]=i,i},Ue=function(e,t,n){let r=Promise.resolve();if(t&&t.length>0){let e,i=document.querySelector(`meta[property=csp-nonce]`),a=i?.nonce||i?.getAttribute(`nonce`);function o(e){return Promise.all(e.map(e=>Promise.resolve(e).then(e=>({status:`fulfilled`,value:e}),e=>({status:`rejected`,reason:e}))))}function s(e){return import.meta.resolve?new URL(import.meta.resolve(e)):new URL(e,import.meta.url)}r=o(t.map(t=>{t=ze(t,n);let r=s(t),i=Ve(r);return He(Be,r.href,()=>{if(e===void 0){e={all:new Set,styles:new Set};let t=document.getElementsByTagName(`link`);for(let n=t.length-1;n>=0;n--){let r=t[n];e.all.add(r.href),r.rel===`stylesheet`&&e.styles.add(r.href)}}if((i?e.styles:e.all).has(r.href))return;let t=document.createElement(`link`);if(t.rel=i?`stylesheet`:Re,i||(t.as=`script`),t.crossOrigin=``,t.href=r.href,a&&t.setAttribute(`nonce`,a),document.head.appendChild(t),i)return new Promise((e,n)=>{let i=a=>{t.removeEventListener(`load`,i),t.removeEventListener(`error`,i),a.type===`error`?n(Error(`Unable to preload CSS for ${r}`)):e(a)};t.addEventListener(`load`,i),t.addEventListener(`error`,i)})})}).filter(e=>e!==void 0))}function i(e){let t=new Event(`vite:preloadError`,{cancelable:!0});if(t.payload=e,window.dispatchEvent(t),!t.defaultPrevented)throw e}return r.then(t=>{for(let e of t||[])e.status===`rejected`&&i(e.reason);return e().catch(i)})},We=`sandbox-person`,Ge=class{house;ticked=!1;missed=!1;token=null;loaded=!1;again=()=>void 0;constructor(e){this.house=e}render(e){let t=e.bot?.kind??`none`;return t===`none`?V:t===`turnstile`?R`<slot name="bot"></slot>${this.hint()}`:R`<div class="bot">
      <label><input type="checkbox" id="bot" .checked=${this.ticked} aria-describedby="bot-hint" aria-invalid=${this.missed} @change=${e=>{this.ticked=e.target.checked,this.missed=!1,this.house.requestUpdate()}} /> ${this.house.say(`bot_label`)}</label>
      ${this.hint()}
    </div>`}async load(e){if(this.loaded||e.bot?.kind!==`turnstile`||!e.bot.site_key)return;this.loaded=!0;let t=e=>{this.token=e,this.missed=!1,this.house.requestUpdate()},n={siteKey:e.bot.site_key,language:this.house.tongue.language},{loadTurnstile:r}=await Ue(async()=>{let{loadTurnstile:e}=await import(`./checkout-turnstile.js`);return{loadTurnstile:e}},[],import.meta.url);this.again=await r(this.house,n,t)}given(e){let t=e.bot?.kind??`none`;if(t===`none`)return null;let n=t===`sandbox`?this.ticked?We:null:this.token;return this.missed=n===null,this.house.requestUpdate(),n===null&&this.house.focusOn(`#bot`),n??!1}spent(){this.ticked=!1,this.token=null,this.again()}hint(){return R`<p class="wrong" id="bot-hint">${this.missed?this.house.say(`bot_hint`):V}</p>`}},Y=(e,t=20)=>R`<svg width=${t} height=${t} viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${e}</svg>`,Ke=Y(z`<rect x="2" y="5" width="20" height="14" rx="2.5"/><path d="M2 10h20M6 15h4"/>`,24),qe=Y(z`<path d="M3 10 12 4l9 6M5 10v8m5-8v8m4-8v8m5-8v8M3 20h18"/>`,24),Je=Y(z`<path d="M4 7h14a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2h11"/><circle cx="16" cy="13.5" r="1"/>`,24),Ye=Y(z`<rect x="6" y="2" width="12" height="20" rx="3"/><path d="M11 18.5h2"/>`,24),Xe=Y(z`<path d="M14 4h6v6M20 4l-9 9M18 14v4a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2V8a2 2 0 0 1 2-2h4"/>`,24),Ze=Y(z`<circle cx="12" cy="12" r="9"/><path d="M12 7v5l3 2"/>`,24),Qe=Y(z`<path d="m6 6 12 12M18 6 6 18"/>`,16),$e=Y(z`<path d="M5 12h14"/>`,16),et=Y(z`<path d="M12 5v14M5 12h14"/>`,16),tt=Y(z`<path d="M4 9h15m-4-4 4 4-4 4M20 16H5m4 4-4-4 4-4"/>`,16),nt=Y(z`<rect x="5" y="11" width="14" height="9" rx="2"/><path d="M8 11V8a4 4 0 0 1 8 0v3"/>`,16),rt=Y(z`<path d="M3 12V4a1 1 0 0 1 1-1h8l9 9-9 9z"/><circle cx="8" cy="8" r="1"/>`,16),it=Y(z`<circle cx="12" cy="12" r="9"/><path d="M3 12h18M12 3c5 5 5 13 0 18M12 3c-5 5-5 13 0 18"/>`,16),at=Y(z`<path d="m5 13 4 4L19 7"/>`,32),ot=Y(z`<circle cx="12" cy="12" r="9"/><path d="M12 7v6m0 3.5v.01"/>`),st=Y(z`<path d="M6 2h9l4 4v16H6zM9 12h6m-6 4h6"/>`,16);function ct(e,t){return e===`none`?Ze:e===`bank_debit`||e===`transfer`?qe:e===`apple_pay`||e===`google_pay`||e===`link`?Ye:e===`paypal`?t?Je:Xe:Ke}var lt=253,ut=64,dt=class{house;open=null;found=null;asked=``;searching=!1;constructor(e){this.house=e}render(e){return R`<div class="extras">
      ${this.coupons(e)}
      ${this.open===`coupon`?this.couponForm(e):this.opener(`coupon`)}
      ${e.sells_domains?this.open===`domain`?this.domainForm():this.opener(`domain`):V}
    </div>`}opener(e){return R`<button type="button" class="quiet" aria-expanded="false" @click=${()=>{this.open=e,this.house.requestUpdate(),this.house.focusOn(`#${e}`)}}>${e===`coupon`?rt:it}${this.house.say(`${e}_open`)}</button>`}coupons(e){return e.coupons.length===0?V:R`<ul class="chips">
      ${e.coupons.map(t=>R`<li class="chip">${rt}<span>${t}</span>
          <button type="button" class="icon" aria-label=${this.house.say(`coupon_remove`,{code:t})} @click=${()=>this.dropped(e,t)}>${Qe}</button></li>`)}
    </ul>`}couponForm(e){let t=ft(this.house.session.notice);return R`<form class="inline" novalidate @submit=${t=>this.redeem(t,e)}>
      <div class="field">
        <label for="coupon">${this.house.say(`coupon`)}</label>
        <input id="coupon" name="code" autocomplete="off" autocapitalize="characters" spellcheck="false" maxlength=${ut} aria-invalid=${t!==null} aria-describedby="coupon-wrong" />
        <p class="wrong" id="coupon-wrong" role="alert">${t===null?V:this.house.tongue.rule(t,`coupon_refused`)}</p>
      </div>
      <button class="quiet">${this.house.say(`apply`)}</button>
    </form>`}async redeem(e,t){e.preventDefault();let n=pt(e,`code`).toUpperCase();if(!n)return;let r=[...new Set([...t.coupons,n])];await this.house.session.edit(e=>e.coupons(r))?(this.open=null,this.house.focusOn(`#order`)):this.house.focusOn(`#coupon`),this.house.requestUpdate()}async dropped(e,t){let n=e.coupons.filter(e=>e!==t);await this.house.session.edit(e=>e.coupons(n))&&this.house.focusOn(`#order`)}domainForm(){return R`<div class="domains">
      <form class="inline" role="search" novalidate @submit=${this.search}>
        <div class="field">
          <label for="domain">${this.house.say(`domain`)}</label>
          <input id="domain" name="name" autocomplete="off" autocapitalize="none" spellcheck="false" inputmode="url" placeholder="example.com" maxlength=${lt} />
        </div>
        <button class="quiet" aria-disabled=${this.searching}>${this.house.say(`search`)}</button>
      </form>
      <div role="status">${this.found===null?V:this.results(this.found)}</div>
    </div>`}results(e){return e.length===0?R`<p class="soft">${this.house.say(`domain_none`)}</p>`:R`<ul class="found">
      ${e.map(e=>R`<li>
          <span><b>${e.name}</b> <span class="soft">${this.house.say(e.available?`domain_free`:`domain_taken`)}</span></span>
          ${e.available?R`<span class="sum">${this.house.money(e.amount)}</span>
                <button type="button" class="quiet" aria-label=${this.house.say(`domain_add`,{name:e.name})} @click=${()=>this.add(e)}>${et}</button>`:V}
        </li>`)}
    </ul>`}search=async e=>{e.preventDefault();let t=pt(e,`name`).toLowerCase();if(!t||this.searching)return;this.searching=!0,this.asked=t;let n=await this.house.session.domains(t);this.searching=!1,this.asked===t&&(n.ok?this.found=n.value.data:this.house.session.tell({kind:`failed`}),this.house.requestUpdate())};async add(e){let{price_id:t,name:n}=e,r={price_id:t,quantity:1,object:`domain:${n}`};await this.house.session.edit(e=>e.addLine(r))&&(this.found=null,this.open=null,this.house.focusOn(`#order`)),this.house.requestUpdate()}};function ft(e){return e?.kind===`rule`&&/^(codes|coupons)\b/.test(e.field)?e.rule:null}function pt(e,t){return String(new FormData(e.target).get(t)??``).trim()}var mt={ATTRIBUTE:1,CHILD:2,PROPERTY:3,BOOLEAN_ATTRIBUTE:4,EVENT:5,ELEMENT:6},ht=e=>(...t)=>({_$litDirective$:e,values:t}),gt=class{constructor(e){}get _$AU(){return this._$AM._$AU}_$AT(e,t,n){this._$Ct=e,this._$AM=t,this._$Ci=n}_$AS(e,t){return this.update(e,t)}update(e,t){return this.render(...t)}},{I:_t}=_e,vt=e=>e,yt=()=>document.createComment(``),X=(e,t,n)=>{let r=e._$AA.parentNode,i=t===void 0?e._$AB:t._$AA;if(n===void 0)n=new _t(r.insertBefore(yt(),i),r.insertBefore(yt(),i),e,e.options);else{let t=n._$AB.nextSibling,a=n._$AM,o=a!==e;if(o){let t;n._$AQ?.(e),n._$AM=e,n._$AP!==void 0&&(t=e._$AU)!==a._$AU&&n._$AP(t)}if(t!==i||o){let e=n._$AA;for(;e!==t;){let t=vt(e).nextSibling;vt(r).insertBefore(e,i),e=t}}}return n},Z=(e,t,n=e)=>(e._$AI(t,n),e),bt={},xt=(e,t=bt)=>e._$AH=t,St=e=>e._$AH,Ct=e=>{e._$AR(),e._$AA.remove()},wt=(e,t,n)=>{let r=new Map;for(let i=t;i<=n;i++)r.set(e[i],i);return r},Tt=ht(class extends gt{constructor(e){if(super(e),e.type!==mt.CHILD)throw Error(`repeat() can only be used in text expressions`)}dt(e,t,n){let r;n===void 0?n=t:t!==void 0&&(r=t);let i=[],a=[],o=0;for(let t of e)i[o]=r?r(t,o):o,a[o]=n(t,o),o++;return{values:a,keys:i}}render(e,t,n){return this.dt(e,t,n).values}update(e,[t,n,r]){let i=St(e),{values:a,keys:o}=this.dt(t,n,r);if(!Array.isArray(i))return this.ut=o,a;let s=this.ut??=[],c=[],l,u,d=0,f=i.length-1,p=0,m=a.length-1;for(;d<=f&&p<=m;)if(i[d]===null)d++;else if(i[f]===null)f--;else if(s[d]===o[p])c[p]=Z(i[d],a[p]),d++,p++;else if(s[f]===o[m])c[m]=Z(i[f],a[m]),f--,m--;else if(s[d]===o[m])c[m]=Z(i[d],a[m]),X(e,c[m+1],i[d]),d++,m--;else if(s[f]===o[p])c[p]=Z(i[f],a[p]),X(e,i[d],i[f]),f--,p++;else if(l===void 0&&(l=wt(o,p,m),u=wt(s,d,f)),l.has(s[d])){if(l.has(s[f])){let t=u.get(o[p]),n=t===void 0?null:i[t];if(n===null){let t=X(e,i[d]);Z(t,a[p]),c[p]=t}else c[p]=Z(n,a[p]),X(e,i[d],n),i[t]=null;p++}else Ct(i[f]),f--}else Ct(i[d]),d++;for(;p<=m;){let t=X(e,c[m+1]);Z(t,a[p]),c[p++]=t}for(;d<=f;){let e=i[d++];e!==null&&Ct(e)}return this.ut=o,xt(e,c),B}}),Et={title:`Bezahlen`,for_whom:`Für {name}`,test_mode:`Testbetrieb: Es fließt kein Geld`,loading:`Ihre Bestellung wird geholt`,order:`Ihre Bestellung`,empty:`In dieser Bestellung ist nichts mehr.`,quantity:`Anzahl von {name}`,less:`Eins weniger von {name}`,more:`Eins mehr von {name}`,remove:`{name} entfernen`,each_month:`Monatlich`,each_year:`Jährlich`,each_week:`Wöchentlich`,each_day:`Täglich`,each_days:`Alle {count} Tage`,each_weeks:`Alle {count} Wochen`,each_months:`Alle {count} Monate`,each_years:`Alle {count} Jahre`,coupon_off:`{name} ({off} Rabatt)`,once:`Einmalig`,saves:`spart {amount}`,coupon_open:`Gutschein hinzufügen`,coupon:`Gutscheincode`,apply:`Einlösen`,coupon_refused:`Dieser Code gilt nicht für diese Bestellung.`,order_refused:`Diese Bestellung kann so nicht gekauft werden.`,order_total:`Summe`,coupon_remove:`Gutschein {code} entfernen`,domain_open:`Domain hinzufügen`,domain:`Domainname`,search:`Suchen`,domain_free:`ist frei`,domain_taken:`ist vergeben`,domain_add:`{name} hinzufügen`,domain_none:`Ein solcher Name kann hier nicht registriert werden.`,subtotal:`Zwischensumme`,credit_used:`Aus Ihrem Guthaben bezahlt`,due_now:`Heute fällig`,renews_month:`Danach {amount} im Monat, ab {date}`,renews_year:`Danach {amount} im Jahr, ab {date}`,renews_other:`Danach {amount} je Zeitraum, ab {date}`,total_now:`Heute fällig sind jetzt {amount}.`,payment:`Wie möchten Sie zahlen?`,payment_heading:`Zahlung`,no_way:`Auf dieser Seite kann im Moment nicht gezahlt werden. Bitte fragen Sie {merchant}, wie Sie zahlen können.`,sub_saved_card:`Hinterlegt: mit einem Klick zahlen`,sub_card:`Kredit- oder Debitkarte`,sub_redirect:`Sie bestätigen dort und kommen hierher zurück`,sub_wallet:`Auf diesem Gerät bestätigen`,sub_bank_debit:`Von Ihrem Bankkonto; das dauert einige Tage`,sub_transfer:`Sie überweisen den Betrag selbst`,card_number:`Kartennummer`,card_expiry:`Gültig bis (MM/JJ)`,card_code:`Prüfnummer`,account_number:`Kontonummer`,wrong_number:`Eine Kartennummer hat 12 bis 19 Ziffern.`,wrong_expiry:`Bitte Monat und Jahr angeben, wie 04/30, nicht in der Vergangenheit.`,wrong_code:`Die Prüfnummer hat 3 oder 4 Ziffern.`,wrong_account:`Bitte die Kontonummer angeben: 12 bis 34 Ziffern oder Buchstaben.`,test_numbers:`Testnummern`,test_succeeds:`Gelingt`,test_challenged:`Verlangt eine Bestätigung (3-D Secure)`,test_declined:`Wird abgelehnt`,test_funds:`Hat zu wenig Geld`,test_later:`Gelingt nach einigen Tagen`,pay:`{amount} zahlen`,pay_with:`{amount} mit {way} zahlen`,subscribe:`Jetzt abonnieren`,save:`Jetzt beginnen, heute ist nichts zu zahlen`,secure:`Es wird nur abgebucht, wenn alles gelingt, und nur einmal.`,working:`Einen Moment, bitte …`,paying_title:`Ihre Zahlung läuft`,paying:`Ihr Ergebnis steht noch nicht fest. Sie wird nicht doppelt eingezogen: Sie können hier warten oder später wiederkommen.`,look_again:`Noch einmal nachsehen`,action_title:`Ein Schritt fehlt noch`,action:`Ihre Bank oder Ihr Anbieter möchte, dass Sie die Zahlung von {amount} bestätigen. Danach kommen Sie hierher zurück.`,go_on:`Weiter zur Bestätigung`,other_way:`Anders zahlen`,finish_title:`Bitte schließen Sie die Zahlung ab`,finish:`Sie wurde begonnen, aber nicht beendet. Es wurde nichts eingezogen.`,paid_title:`Vielen Dank`,paid:`Ihre Zahlung von {amount} ist angekommen, und Ihre ganze Bestellung ist aktiv.`,paid_nothing:`Ihre ganze Bestellung ist aktiv. Heute war nichts zu zahlen.`,partly_title:`Vielen Dank. Eines konnte nicht geliefert werden`,partly:`Was nicht geliefert werden konnte, wird voll erstattet. Alles andere ist aktiv.`,invoice:`Rechnung {number}`,download:`Rechnung herunterladen`,continue:`Weiter`,back:`Zurück zu {merchant}`,state_active:`Aktiv`,state_pending:`Wird eingerichtet`,state_failed:`Gescheitert, wird erstattet`,state_refunded:`Erstattet`,expired_title:`Diese Bestellung ist abgelaufen`,expired:`Sie war zu lange offen. Es wurde nichts eingezogen. Bitte beginnen Sie von vorn.`,canceled_title:`Diese Bestellung wurde geschlossen`,canceled:`Es wurde nichts eingezogen.`,unknown_title:`Dieser Link führt nirgendwohin`,unknown:`Vielleicht wurde er unterwegs abgeschnitten. Bitte öffnen Sie ihn noch einmal ganz.`,declined_title:`Die Zahlung wurde nicht angenommen`,declined:`Es wurde nichts eingezogen. Bitte versuchen Sie es noch einmal, oder zahlen Sie anders.`,cancelled:`Sie haben die Zahlung vor dem Ende abgebrochen. Es wurde nichts eingezogen.`,price_title:`Der Preis hat sich geändert`,price_changed:`Er war {before} und ist jetzt {after}. Bitte sehen Sie Ihre Bestellung noch einmal an: Es wurde nichts eingezogen.`,order_changed:`Ihre Bestellung wurde anderswo geändert. Bitte sehen Sie sie noch einmal an: Es wurde nichts eingezogen.`,bot_title:`Wir konnten nicht sicherstellen, dass Sie ein Mensch sind`,bot:`Es wurde nichts eingezogen. Bitte haken Sie das Kästchen noch einmal an, und versuchen Sie es erneut. {merchant} hilft Ihnen, wenn es dabei bleibt.`,bot_label:`Ich bin ein Mensch`,bot_hint:`Bitte bestätigen Sie das, bevor Sie zahlen.`,busy_title:`Zu viele Versuche`,busy:`Es wurde nichts eingezogen. Bitte warten Sie eine Minute, und versuchen Sie es noch einmal.`,offline_title:`Die Verbindung ist abgebrochen`,offline:`Nichts ist verloren: Diese Seite macht von selbst weiter, sobald Sie wieder verbunden sind.`,failed_title:`Das hat nicht geklappt`,failed:`Bei uns ist etwas schiefgegangen. Nichts ist verloren. Bitte versuchen Sie es noch einmal.`,try_again:`Noch einmal versuchen`,provider_down:`Dieser Weg zu zahlen kann im Moment nicht geladen werden. Bitte wählen Sie einen anderen.`,part_loading:`Wird geladen …`,wallet_missing:`Dieses Gerät ist dafür nicht eingerichtet. Bitte wählen Sie einen anderen Weg.`,sheet_title:`{wallet}`,sheet_for:`An {merchant} zahlen`,sheet_card:`Karte`,sheet_confirm:`Mit {wallet} bestätigen`,cancel:`Abbrechen`,sheet_note:`Eine Test-Wallet: Es fließt kein Geld.`,tax_included:`{label} (enthalten)`,way_card:`Karte`,way_paypal:`PayPal`,way_apple_pay:`Apple Pay`,way_google_pay:`Google Pay`,way_link:`Link`,way_bank_debit:`Lastschrift`,way_transfer:`Überweisung`,way_none:`Heute ist nichts zu zahlen`,switch:`Wechseln zu {name}: {interval}`,worked_out:`Wie sich das errechnet`,amount_paid:`Bezahlt`,transfer_title:`Bitte überweisen Sie {amount}`,transfer:`Ihre Bestellung wird aktiv, sobald der Betrag angekommen ist. Sie können diese Seite schließen.`,reason_taken:`Der Name wurde inzwischen vergeben.`,reason_refused_by_registry:`Die Registrierungsstelle hat den Namen abgelehnt.`},Dt={title:`Checkout`,for_whom:`For {name}`,test_mode:`Test mode: no money moves`,loading:`Your order is being fetched`,order:`Your order`,empty:`Nothing is in this order any more.`,quantity:`Quantity of {name}`,less:`One less of {name}`,more:`One more of {name}`,remove:`Remove {name}`,each_month:`Monthly`,each_year:`Yearly`,each_week:`Weekly`,each_day:`Daily`,each_days:`Every {count} days`,each_weeks:`Every {count} weeks`,each_months:`Every {count} months`,each_years:`Every {count} years`,coupon_off:`{name} ({off} off)`,once:`Once`,saves:`saves {amount}`,coupon_open:`Add a coupon`,coupon:`Coupon code`,apply:`Apply`,coupon_refused:`This code cannot be used for this order.`,order_refused:`This order cannot be bought as it is.`,order_total:`Total`,coupon_remove:`Remove coupon {code}`,domain_open:`Add a domain`,domain:`Domain name`,search:`Search`,domain_free:`is available`,domain_taken:`is taken`,domain_add:`Add {name}`,domain_none:`No such name can be registered here.`,subtotal:`Subtotal`,credit_used:`Paid by your credit`,due_now:`Due today`,renews_month:`Then {amount} every month, from {date}`,renews_year:`Then {amount} every year, from {date}`,renews_other:`Then {amount} each period, from {date}`,total_now:`Due today is now {amount}.`,payment:`How do you want to pay?`,payment_heading:`Payment`,no_way:`Nothing can be paid on this page at the moment. Please ask {merchant} how to pay.`,sub_saved_card:`Saved: pay in one click`,sub_card:`Credit or debit card`,sub_redirect:`You confirm there and come back here`,sub_wallet:`Confirm on this device`,sub_bank_debit:`From your bank account; it takes some days`,sub_transfer:`You transfer the amount yourself`,card_number:`Card number`,card_expiry:`Expiry (MM/YY)`,card_code:`Security code`,account_number:`Account number`,wrong_number:`A card number has 12 to 19 digits.`,wrong_expiry:`Please give month and year, like 04/30, not in the past.`,wrong_code:`The security code has 3 or 4 digits.`,wrong_account:`Please give the account number: 12 to 34 digits or letters.`,test_numbers:`Test numbers`,test_succeeds:`Succeeds`,test_challenged:`Asks you to confirm (3-D Secure)`,test_declined:`Is declined`,test_funds:`Has too little money`,test_later:`Succeeds after some days`,pay:`Pay {amount}`,pay_with:`Pay {amount} with {way}`,subscribe:`Subscribe now`,save:`Start now, nothing to pay today`,secure:`You are only charged when it succeeds, and only once.`,working:`One moment, please …`,paying_title:`Your payment is under way`,paying:`Its result is not known yet. It will not be taken twice: you can wait here or come back later.`,look_again:`Look again`,action_title:`One step is left`,action:`Your bank or wallet wants you to confirm the payment of {amount}. You come back here afterwards.`,go_on:`Continue to confirm`,other_way:`Pay in another way`,finish_title:`Please finish the payment`,finish:`It was begun but not finished. Nothing was taken.`,paid_title:`Thank you`,paid:`Your payment of {amount} has arrived, and all of your order is active.`,paid_nothing:`All of your order is active. There was nothing to pay today.`,partly_title:`Thank you. One thing could not be delivered`,partly:`What could not be delivered is refunded in full. All else is active.`,invoice:`Invoice {number}`,download:`Download the invoice`,continue:`Continue`,back:`Back to {merchant}`,state_active:`Active`,state_pending:`Being set up`,state_failed:`Failed, will be refunded`,state_refunded:`Refunded`,expired_title:`This checkout has ended`,expired:`It was open for too long. Nothing was taken. Please start again.`,canceled_title:`This checkout was closed`,canceled:`Nothing was taken.`,unknown_title:`This link leads nowhere`,unknown:`It may have been cut off on its way. Please open it again, whole.`,declined_title:`The payment was not accepted`,declined:`Nothing was taken. Please try again or pay in another way.`,cancelled:`You ended the payment before it was finished. Nothing was taken.`,price_title:`The price has changed`,price_changed:`It was {before} and is {after} now. Please look at your order again: nothing was taken.`,order_changed:`Your order was changed elsewhere. Please look at it again: nothing was taken.`,bot_title:`We could not make sure that you are a person`,bot:`Nothing was taken. Please tick the box again and try once more. {merchant} helps you if it stays so.`,bot_label:`I am a person`,bot_hint:`Please confirm this before you pay.`,busy_title:`Too many tries`,busy:`Nothing was taken. Please wait a minute and try again.`,offline_title:`The connection was lost`,offline:`Nothing is lost: this page goes on by itself as soon as you are online again.`,failed_title:`That did not work`,failed:`Something went wrong on our side. Nothing was lost. Please try again.`,try_again:`Try again`,provider_down:`This way to pay cannot be loaded at the moment. Please choose another.`,part_loading:`Loading …`,wallet_missing:`This device has none that is set up. Please choose another way.`,sheet_title:`{wallet}`,sheet_for:`Pay {merchant}`,sheet_card:`Card`,sheet_confirm:`Confirm with {wallet}`,cancel:`Cancel`,sheet_note:`A test wallet: no money moves.`,tax_included:`{label} (included)`,way_card:`Card`,way_paypal:`PayPal`,way_apple_pay:`Apple Pay`,way_google_pay:`Google Pay`,way_link:`Link`,way_bank_debit:`Bank debit`,way_transfer:`Bank transfer`,way_none:`Nothing to pay today`,switch:`Switch to {name}: {interval}`,worked_out:`How this is worked out`,amount_paid:`Paid`,transfer_title:`Please transfer {amount}`,transfer:`Your order becomes active as soon as it has arrived. You can close this page.`,reason_taken:`The name was taken meanwhile.`,reason_refused_by_registry:`The registry refused the name.`},Ot=e=>e in Dt,kt={en:Dt,de:Et},At=class{locale;language;texts;constructor(e){this.locale=e;let t=e.slice(0,2).toLowerCase();this.language=t in kt?t:`en`,this.texts=kt[this.language]??Dt}say(e,t={}){return this.texts[e].replace(/\{(\w+)\}/g,(e,n)=>t[n]??e)}rule(e,t){return this.language===`en`?e:this.say(t)}money(e,t){let n=new Intl.NumberFormat(this.locale,{style:`currency`,currency:t}),r=n.resolvedOptions().maximumFractionDigits??2;return n.format(jt(e,r))}every(e){let t=e.unit;return e.count===1?this.say(`each_${t}`):this.say(`each_${t}s`,{count:String(e.count)})}rate(e){return new Intl.NumberFormat(this.locale,{style:`percent`,maximumFractionDigits:4}).format(Number.parseFloat(e)/100)}day(e){return new Intl.DateTimeFormat(this.locale,{dateStyle:`long`,timeZone:`UTC`}).format(new Date(e))}};function jt(e,t){let n=e<0?`-`:``,r=String(Math.abs(e)).padStart(t+1,`0`);return t===0?n+r:`${n}${r.slice(0,-t)}.${r.slice(-t)}`}var Mt=350,Nt={active:[`state_active`,`good`],pending:[`state_pending`,``],failed:[`state_failed`,`warn`],refunded:[`state_refunded`,`warn`]},Pt=class{house;wanted=new Map;still;constructor(e){this.house=e}get unsent(){return this.wanted.size>0}render(e,t){return e.lines.length===0?R`<p class="soft empty">${this.house.say(`empty`)}</p>`:R`<ul class="lines">
      ${Tt(e.lines,e=>e.id,n=>this.line(e,n,t))}
    </ul>`}line(e,t,n){let r=e.result?.lines.find(e=>e.id===t.id);return R`<li class="line">
      <div class="what">
        <span class="name">${t.name}</span>
        ${Ft(t)?R`<span class="object">${Lt(t.object)}</span>`:V}
        <span class="soft">${t.interval?this.house.tongue.every(t.interval):this.house.say(`once`)}</span>
        ${r?this.outcome(r):V}
      </div>
      <div class="price">
        <span class="sum">${this.house.money(t.amount)}</span>
        ${t.editable&&!n?this.remove(t):V}
      </div>
      ${n?V:R`<div class="edit">
            ${It(t)?this.stepper(t):V}
            ${t.offer?this.offer(e,t,t.offer):V}
          </div>`}
    </li>`}outcome({state:e,reason:t}){let[n,r]=Nt[e],i=t&&e!==`active`?R`<span class="soft">${this.why(t)}</span>`:V;return R`<span class="badge ${r}">${this.house.say(n)}</span>${i}`}why(e){let t=`reason_${e}`;return Ot(t)?this.house.say(t):e}stepper(e){let t=this.wanted.get(e.id)??e.quantity,{min:n,max:r}=e,i=Rt(e);return R`<div class="stepper" role="group" aria-label=${this.house.say(`quantity`,{name:i})}>
      <button type="button" aria-label=${this.house.say(`less`,{name:i})} aria-disabled=${t<=n} @click=${()=>t>n&&this.step(e,t-1)}>${$e}</button>
      <input inputmode="numeric" autocomplete="off" maxlength="7" aria-label=${this.house.say(`quantity`,{name:i})} .value=${String(t)}
        @change=${t=>this.typed(e,t.target)} />
      <button type="button" aria-label=${this.house.say(`more`,{name:i})} aria-disabled=${t>=r} @click=${()=>t<r&&this.step(e,t+1)}>${et}</button>
    </div>`}offer(e,t,n){let r=n.saves?` · ${this.house.say(`saves`,{amount:this.house.money(n.saves)})}`:``;return R`<button type="button" class="offer" ?hidden=${e.state!==`open`} @click=${()=>void this.house.session.edit(e=>e.changeLine(t.id,{price_id:n.price_id}))}>${tt}<span>${this.house.say(`switch`,{name:n.name,interval:this.house.tongue.every(n.interval).toLowerCase()})}${r}</span></button>`}remove(e){let t=Rt(e);return R`<button type="button" class="icon" aria-label=${this.house.say(`remove`,{name:t})} @click=${()=>this.dropped(e)}>${Qe}</button>`}async dropped(e){this.wanted.delete(e.id),await this.house.session.edit(t=>t.removeLine(e.id))&&this.house.focusOn(`#order`)}typed(e,t){let n=Number.parseInt(t.value,10);!Number.isSafeInteger(n)||n<0?t.value=String(e.quantity):this.step(e,n)}step(e,t){this.wanted.set(e.id,t),clearTimeout(this.still),this.still=setTimeout(()=>void this.send(),Mt),this.house.requestUpdate()}async send(){if(this.house.session.busy)this.still=setTimeout(()=>void this.send(),Mt);else{for(let[e,t]of[...this.wanted])await this.house.session.edit(n=>n.changeLine(e,{quantity:t})),this.wanted.get(e)===t&&this.wanted.delete(e);this.house.requestUpdate()}}};function Ft(e){return e.object.includes(`:`)}function It(e){return e.editable&&e.max>e.min}function Lt(e){return e.slice(e.indexOf(`:`)+1)}function Rt(e){return Ft(e)?`${e.name} ${Lt(e.object)}`:e.name}function zt(e,t){let n=e.session.notice;if(!n||ft(n)!==null)return V;let r=Bt(e,t,n);return R`<div class="notice ${r.kind}" role="alert" id="notice" tabindex="-1">
    ${ot}
    <div>
      <strong>${r.title}</strong>${r.text}
      ${r.retry?R`<br /><button type="button" class="text" @click=${()=>void e.session.refresh()}>${e.say(`try_again`)}</button>`:V}
    </div>
  </div>`}function Bt(e,t,n){let r=e.say.bind(e);switch(n.kind){case`declined`:return{kind:`bad`,title:r(`declined_title`),text:n.cause===`canceled_by_customer`?r(`cancelled`):`${n.message??``} ${r(`declined`)}`};case`price`:return{kind:`warn`,title:r(`price_title`),text:r(`price_changed`,{before:e.money(n.before),after:e.money(n.after)})};case`order`:return{kind:`warn`,title:r(`price_title`),text:r(`order_changed`)};case`bot`:return{kind:`bad`,title:r(`bot_title`),text:r(`bot`,{merchant:t.merchant.name})};case`busy`:return{kind:`warn`,title:r(`busy_title`),text:r(`busy`)};case`offline`:return{kind:`warn`,title:r(`offline_title`),text:r(`offline`),retry:!0};case`provider`:return{kind:`warn`,title:r(`failed_title`),text:r(`provider_down`)};case`missing`:return{kind:`warn`,title:r(`failed_title`),text:r(`wallet_missing`)};case`rule`:return{kind:`bad`,title:r(`failed_title`),text:e.tongue.rule(n.rule,`order_refused`)};case`failed`:return{kind:`bad`,title:r(`failed_title`),text:r(`failed`),retry:!0}}}function Q(e){return e.method_id??`${e.provider??``}:${e.kind}`}var Vt=new Map;function Ht(e){try{return sessionStorage.getItem(e)}catch{return Vt.get(e)??null}}function Ut(e,t){try{t===null?sessionStorage.removeItem(e):sessionStorage.setItem(e,t)}catch{t===null?Vt.delete(e):Vt.set(e,t)}}function Wt(e,t){let n=qt(e);if(n?.about===t)return n.key;let r=crypto.randomUUID(),i={key:r,about:t};return Ut(Kt(e),JSON.stringify(i)),r}function Gt(e){Ut(Kt(e),null)}var Kt=e=>`solvent-checkout:${e}`;function qt(e){try{return JSON.parse(Ht(Kt(e))??`null`)}catch{return null}}var Jt=[1e3,1500,2e3,3e3,5e3,8e3,12e3,15e3],Yt=200,Xt=2**31-1,Zt=`solvent`,Qt=new Set([`opening`,`processing`,`unknown`]),$t=class{host;client;view=null;gone=!1;busy=null;notice=null;told=0;here=!1;method=null;look;end;looks=0;constructor(e,t){this.host=e,this.client=t,e.addController(this)}hostConnected(){addEventListener(`online`,this.again),addEventListener(`pageshow`,this.shown),document.addEventListener(`visibilitychange`,this.seen),this.start()}hostDisconnected(){removeEventListener(`online`,this.again),removeEventListener(`pageshow`,this.shown),document.removeEventListener(`visibilitychange`,this.seen),clearTimeout(this.look),clearTimeout(this.end)}async edit(e){if(this.busy)return!1;this.begin(`edit`);let t=await e(this.client);return t.ok?this.adopt(t.value):this.problem(t.problem),this.rest(),t.ok}domains=e=>this.client.domains(e);file=e=>this.client.file(e);async pay(e,t,n,r=!1){let i=this.view;if(!i||this.busy)return;this.begin(`pay`),this.method=t,this.here=r;let a=Wt(i.id,`${Q(e)} ${i.fingerprint}`),o=await this.client.pay(rn(i,e,n),a);o.ok?await this.follow(o.value):this.refused(i,o.problem),this.rest()}async confirm(e=null){this.busy||(this.begin(`pay`),await this.settle(await this.client.confirm(e)),this.rest())}async cancelPayment(e=!1){if(this.busy)return;this.begin(`pay`);let t=await this.client.cancelPayment();t.ok?(Gt(t.value.id),this.adopt(t.value),this.notice=null,e&&this.tell({kind:`declined`,cause:`canceled_by_customer`,message:null})):this.problem(t.problem),this.rest()}tell(e){this.notice=e,this.told+=1,this.host.requestUpdate()}async refresh(){if(this.busy)return;let e=await this.client.view();this.busy||(e.ok?(this.notice?.kind===`offline`&&(this.notice=null),this.adopt(e.value)):this.problem(e.problem),this.host.requestUpdate())}async start(){let e=an();await this.refresh(),this.view?.state===`paying`&&(e||en(this.view))&&await this.confirm()}async follow(e){this.adopt(e);let t=$(e);if(t&&!this.here){if(t.kind===`confirm`&&this.method!==null){let e=this.method;this.method=null,await this.settle(await this.client.confirm(e))}else en(e)?await this.settle(await this.client.confirm(null)):this.leave(e)}}async settle(e){if(!e.ok)return this.problem(e.problem);this.adopt(e.value),this.leave(e.value)}leave(e){let t=$(e);t?.kind===`redirect`&&t.url&&location.assign(t.url)}refused(e,t){if(t.code===`price_changed`&&t.view){Gt(e.id),this.adopt(t.view);let n=t.view.due_now;this.tell(n===e.due_now?{kind:`order`}:{kind:`price`,before:e.due_now,after:n})}else this.problem(t)}problem(e){e.view?this.adopt(e.view):e.status===404?this.gone=!0:e.code===`offline`?this.offline():e.code===`bot_refused`?this.tell({kind:`bot`}):e.status===429?this.tell({kind:`busy`}):e.errors[0]?this.tell({kind:`rule`,...e.errors[0]}):e.status===409?this.soon(0):this.tell({kind:`failed`})}offline(){this.notice?.kind!==`offline`&&this.tell({kind:`offline`}),this.soon()}adopt(e){let t=this.view;this.view=e;let n=e.state===`open`&&e.attempt?.state===`failed`;n&&Gt(e.id),n&&t?.attempt?.state!==`failed`&&this.tell({kind:`declined`,cause:e.attempt?.cause??null,message:e.attempt?.message??null}),tn(e)?this.soon():this.looks=0,this.expectEnd(e),this.host.dispatchEvent(new CustomEvent(`solvent-state`,{detail:{state:e.state},bubbles:!0,composed:!0}))}begin(e){this.busy=e,this.notice=null,clearTimeout(this.look),this.host.requestUpdate()}rest(){this.busy=null,this.host.requestUpdate()}soon(e){if(clearTimeout(this.look),this.looks>=Yt)return;let t=Jt[Math.min(this.looks,Jt.length-1)];this.looks+=1,this.look=setTimeout(()=>void this.refresh(),e??t)}expectEnd(e){clearTimeout(this.end);let t=Date.parse(e.expires_at)-Date.now();e.state===`open`&&t>0&&t<Xt&&(this.end=setTimeout(()=>void this.refresh(),t+1e3))}again=()=>void this.refresh();shown=e=>{e.persisted&&this.refresh()};seen=()=>{document.visibilityState===`visible`&&this.refresh()}};function $(e){return e.state===`paying`&&e.attempt?.state===`requires_action`?e.attempt?.next_action??null:null}function en(e){return $(e)?.kind===`none`}function tn(e){return e.state===`paying`?Qt.has(e.attempt?.state??`processing`):(e.result?.lines??[]).some(e=>e.state===`pending`||e.state===`failed`)}function nn(){let e=new URL(location.href);return e.searchParams.delete(Zt),e.searchParams.append(Zt,`back`),e.hash=``,e.href}function rn(e,t,n){return{way:t.kind,provider:t.provider,method_id:t.method_id,seen_total:e.due_now,seen_fingerprint:e.fingerprint,return_url:nn(),...n===null?{}:{bot_token:n}}}function an(){let e=new URL(location.href),t=[...e.searchParams],n=t.findIndex(([e,t])=>e===Zt&&t===`back`);return n<0?!1:(e.search=new URLSearchParams(t.slice(0,n)).toString(),history.replaceState(history.state,``,e),!0)}function on(e,t){let n=$(t)?.kind;switch(t.state){case`partly_refunded`:return fn(e,t,`partly_title`,`partly`);case`paid`:return sn(t)?fn(e,t,`partly_title`,`partly`):fn(e,t,`paid_title`,t.due_now>0?`paid`:`paid_nothing`);case`expired`:return pn(e,t,`expired_title`,`expired`);case`canceled`:return pn(e,t,`canceled_title`,`canceled`);case`paying`:return n===`redirect`?cn(e,t):n===`confirm`?null:ln(e,t);case`open`:return null}}function sn(e){return e.result?.lines.some(e=>e.state===`failed`)??!1}function cn(e,t){let n=t.attempt?.next_action?.url??``;return R`<section class="panel" aria-labelledby="outcome">
    <h2 id="outcome" tabindex="-1">${e.say(`action_title`)}</h2>
    <p>${e.say(`action`,{amount:e.money(t.due_now)})}</p>
    ${/^https?:/.test(n)?R`<a class="act" href=${n} rel="noreferrer">${e.say(`go_on`)}${Xe}</a>`:V}
    ${dn(e)}
  </section>`}function ln(e,t){let n=()=>void e.session.refresh(),r=t.attempt?.next_action?.instructions;return r?un(e,t,r):R`<section class="panel" aria-labelledby="outcome">
    <h2 id="outcome" tabindex="-1"><span class="turning"></span> ${e.say(`paying_title`)}</h2>
    <p>${e.say(`paying`)}</p>
    <button type="button" class="quiet" @click=${n}>${e.say(`look_again`)}</button>
  </section>`}function un(e,t,n){return R`<section class="panel" aria-labelledby="outcome">
    <h2 id="outcome" tabindex="-1">${e.say(`transfer_title`,{amount:e.money(t.due_now)})}</h2>
    <p class="notice">${n}</p>
    <p>${e.say(`transfer`)}</p>
    ${dn(e)}
  </section>`}function dn(e){return R`<button type="button" class="text" @click=${()=>void e.session.cancelPayment()}>${e.say(`other_way`)}</button>`}function fn(e,t,n,r){let{result:i}=t;return R`<section class="panel done" aria-labelledby="outcome">
    <span class="tick ${n===`paid_title`?``:`warn`}">${at}</span>
    <h2 id="outcome" tabindex="-1">${e.say(n)}</h2>
    <p>${e.say(r,{amount:e.money(t.due_now)})}</p>
    ${i?.number?R`<p class="soft">${e.say(`invoice`,{number:i.number})}</p>`:V}
    ${i?.pdf_url?R`<a class="quiet" href=${e.session.file(i.pdf_url)} target="_blank" rel="noopener">${st}${e.say(`download`)}</a>`:V}
    ${t.success_url?R`<a class="act" href=${t.success_url}>${e.say(`continue`)}</a>`:V}
  </section>`}function pn(e,t,n,r){let i=t.merchant.name;return R`<section class="panel" aria-labelledby="outcome">
    <h2 id="outcome" tabindex="-1">${e.say(n)}</h2>
    <p>${e.say(r)}</p>
    ${t.cancel_url?R`<a class="act" href=${t.cancel_url}>${e.say(`back`,{merchant:i})}</a>`:V}
  </section>`}function mn(e,t){let n=t.rate?`${t.label} (${e.tongue.rate(t.rate)})`:t.label;return t.included?e.say(`tax_included`,{label:n}):n}function hn(e,t){let n=t.percent?e.tongue.rate(t.percent):e.money(t.fixed??0);return e.say(`coupon_off`,{name:t.name,off:n})}var gn={paid:`amount_paid`,partly_refunded:`amount_paid`,canceled:`order_total`,expired:`order_total`},_n={month:`renews_month`,year:`renews_year`};function vn(e,t){let n=(t,n,r=``)=>R`<div class=${r}><dt>${t}</dt><dd class="sum">${e.money(n)}</dd></div>`,r=gn[t.state]===`order_total`,i=t.discounts.length===0&&t.taxes.length===0&&t.credit_used===0;return R`<dl class="totals" aria-busy=${e.session.busy===`edit`}>
      ${i?V:n(e.say(`subtotal`),t.subtotal)}
      ${t.discounts.map(t=>n(hn(e,t),-Math.abs(t.amount),`good`))}
      ${t.taxes.map(t=>n(mn(e,t),t.amount,t.included?`soft`:``))}
      ${t.credit_used?n(e.say(`credit_used`),-t.credit_used,`good`):V}
      ${n(e.say(gn[t.state]??`due_now`),t.due_now,`due`)}
    </dl>
    ${r?V:t.renews.filter(e=>e.amount>0).map(t=>{let n={amount:e.money(t.amount),date:e.tongue.day(t.at)};return R`<p class="soft">${e.say(_n[t.interval.count===1?t.interval.unit:``]??`renews_other`,n)}</p>`})}
    <details class="worked">
      <summary>${e.say(`worked_out`)}</summary>
      <ul>
        ${t.lines.map(e=>R`<li><b>${e.name}</b> ${e.explanation}</li>`)}
      </ul>
    </details>`}var yn={apple_pay:`Apple Pay`,google_pay:`Google Pay`,link:`Link`},bn=[{label:`Visa •••• 4242`,token:`tok_4242424242424242`,word:`test_succeeds`},{label:`Visa •••• 3155`,token:`tok_4000002500003155`,word:`test_challenged`},{label:`Visa •••• 0002`,token:`tok_4000000000000002`,word:`test_declined`}],xn=class{house;kind=null;answer=null;constructor(e){this.house=e}async ask(e,t){this.kind=t,this.house.requestUpdate(),await this.house.updateComplete;let n=this.house.renderRoot.querySelector(`dialog`);return n?(n.returnValue=``,n.showModal(),new Promise(e=>{this.answer=e})):null}render(e){if(this.kind===null)return V;let t=yn[this.kind]??``;return R`<dialog class="sheet ${this.kind}" aria-labelledby="sheet-title" @close=${this.closed}>
      <form method="dialog">
        <div class="sheet-head">
          <h2 id="sheet-title">${this.house.say(`sheet_title`,{wallet:t})}</h2>
          <button class="icon" value="" formnovalidate aria-label=${this.house.say(`cancel`)}>${Qe}</button>
        </div>
        <p class="sheet-sum"><span>${this.house.say(`sheet_for`,{merchant:e.merchant.name})}</span><b class="sum">${this.house.money(e.due_now)}</b></p>
        <fieldset>
          <legend>${this.house.say(`sheet_card`)}</legend>
          ${bn.map((e,t)=>R`<label class="sheet-card"><input type="radio" name="card" value=${e.token} ?checked=${t===0} />
              <span><b>${e.label}</b> <span class="soft">${this.house.say(e.word)}</span></span></label>`)}
        </fieldset>
        <button class="act" value="pay" autofocus>${this.house.say(`sheet_confirm`,{wallet:t})}</button>
        <p class="soft">${this.house.say(`sheet_note`)}</p>
      </form>
    </dialog>`}closed=e=>{let t=e.target,n=t.querySelector(`form`),r=n?new FormData(n).get(`card`):null;this.answer?.(t.returnValue===`pay`&&r?String(r):null),this.answer=null,this.kind=null,this.house.requestUpdate()}};function Sn(e){return e instanceof Error&&e.name===`Missing`}var Cn={stripe:async e=>(await Ue(async()=>{let{stripePart:e}=await import(`./checkout-stripe.js`);return{stripePart:e}},[],import.meta.url)).stripePart(e),paypal:async e=>(await Ue(async()=>{let{paypalPart:e}=await import(`./checkout-paypal.js`);return{paypalPart:e}},[],import.meta.url)).paypalPart(e)};function wn(e){return!!(e.setup&&e.provider&&e.provider in Cn)}async function Tn(e){let t=Cn[e.way.provider??``];if(!t)throw Error(`${e.way.provider} has no part`);return t(e)}var En=[[`test_succeeds`,`4242424242424242`],[`test_challenged`,`4000002500003155`],[`test_declined`,`4000000000000002`],[`test_funds`,`4000000000009995`]],Dn=[[`test_later`,`000123456789`],[`test_declined`,`000111111113`]],On=class{house;values={number:``,expiry:``,code:``};wrong={};constructor(e){this.house=e}render(e){return e===`account`?R`<div class="card-form">${this.field(`number`,`account_number`,`off`,34)}${this.help(Dn)}</div>`:R`<div class="card-form">
      ${this.field(`number`,`card_number`,`cc-number`,23)}
      ${this.field(`expiry`,`card_expiry`,`cc-exp`,7)}
      ${this.field(`code`,`card_code`,`cc-csc`,4)}
      ${this.help(En)}
    </div>`}token(e,t){this.wrong=e===`card`?kn(this.values,t):An(this.values);let n=[`number`,`expiry`,`code`].find(e=>this.wrong[e]);return this.house.requestUpdate(),n&&this.house.focusOn(`#card-${n}`),n?null:`tok_${jn(this.values.number)}`}field(e,t,n,r){let i=this.wrong[e];return R`<div class="field ${e}">
      <label for="card-${e}">${this.house.say(t)}</label>
      <input id="card-${e}" inputmode="numeric" autocomplete=${n} maxlength=${r} spellcheck="false"
        .value=${this.values[e]} aria-invalid=${i!==void 0} aria-describedby="card-${e}-wrong"
        @input=${t=>this.typed(e,t.target)} />
      <p class="wrong" id="card-${e}-wrong">${i?this.house.say(i):V}</p>
    </div>`}typed(e,t){let n=t.selectionStart===t.value.length;n&&e===`number`&&(t.value=Mn(t.value)),n&&e===`expiry`&&(t.value=Nn(t.value,this.values.expiry)),this.values[e]=t.value,this.wrong[e]&&(delete this.wrong[e],this.house.requestUpdate())}help(e){return R`<details class="help">
      <summary>${this.house.say(`test_numbers`)}</summary>
      <ul>
        ${e.map(([e,t])=>R`<li><button type="button" class="text" @click=${()=>this.fill(t)}><code>${Mn(t)}</code> ${this.house.say(e)}</button></li>`)}
      </ul>
    </details>`}fill(e){Object.assign(this.values,{number:Mn(e),expiry:`12/39`,code:`123`}),this.wrong={},this.house.requestUpdate()}};function kn(e,t){let n={};/^\d{12,19}$/.test(jn(e.number))||(n.number=`wrong_number`);let[,r,i]=/^(\d{1,2})\s*\/\s*(\d{2}|\d{4})$/.exec(e.expiry.trim())??[],a=Number(i?.slice(-2))*12+Number(r),o=t.getUTCFullYear()%100*12+t.getUTCMonth()+1;return(!r||Number(r)<1||Number(r)>12||a<o)&&(n.expiry=`wrong_expiry`),/^\d{3,4}$/.test(e.code.trim())||(n.code=`wrong_code`),n}function An(e){return/^[0-9A-Z]{12,34}$/i.test(jn(e.number))?{}:{number:`wrong_account`}}function jn(e){return e.replace(/[\s-]/g,``)}function Mn(e){return jn(e).replace(/(.{4})(?=.)/g,`$1 `)}function Nn(e,t){return/^\d{2}$/.test(e)&&e.length>t.length?`${e}/`:e}var Pn={card:`sub_card`,paypal:`sub_redirect`,apple_pay:`sub_wallet`,google_pay:`sub_wallet`,link:`sub_wallet`,bank_debit:`sub_bank_debit`,transfer:`sub_transfer`},Fn=class{house;chosen=null;all=!1;form;sheet;part=null;constructor(e){this.house=e,this.form=new On(e),this.sheet=new xn(e)}way(e){return this.chosen??=Ht(zn(e)),e.ways.find(e=>Q(e)===this.chosen)??e.ways[0]??null}render(e){let t=this.way(e),n=e.merchant.name;if(!t)return R`<p class="notice warn">${this.house.say(`no_way`,{merchant:n})}</p>`;let r=this.all||!t.method_id?e.ways:e.ways.filter(e=>e.method_id);return R`<fieldset class="ways">
        <legend class="unseen">${this.house.say(`payment`)}</legend>
        ${Tt(r,Q,n=>this.choice(e,n,n===t))}
      </fieldset>
      ${r.length<e.ways.length?this.more():V}
      ${this.sheet.render(e)}`}async given(e,t,n){let r=this.needs(e,t);if(r===`card`||r===`account`){let e=this.form.token(r,n);return e===null?`not yet`:{token:e}}if(r===`sheet`){let n=await this.sheet.ask(e,t.kind);return n===null?`not yet`:{token:n}}return r===`part`?await this.part?.ready?.complete()?{token:null}:`not yet`:{token:null}}provided(e,t){return this.part?.id===Bn(e,t)?this.part.ready:null}lacks(e,t){return this.needs(e,t)===`part`&&this.provided(e,t)===null}async load(e,t){let n=this.way(e);if(!n||Ln(n)!==`part`)return;let r=Bn(e,n);if(this.part?.id===r)return this.part.ready?.update(e);this.part?.leave.abort(),this.part?.ready?.close();let i={id:r,ready:null,failed:!1,leave:new AbortController};this.part=i;try{let r=await Tn({element:this.house,view:e,way:n,hand:t,back:nn,signal:i.leave.signal});if(this.part!==i)return r.close();i.ready=r}catch(e){if(i.failed=!0,this.part!==i)return;n.kind!==`paypal`&&this.house.session.tell({kind:Sn(e)?`missing`:`provider`})}this.house.requestUpdate()}more(){return R`<button type="button" class="quiet other" aria-expanded="false" @click=${()=>{this.all=!0,this.house.focusOn(`.ways input:checked`)}}>${this.house.say(`other_way`)}</button>`}choice(e,t,n){let r=`way-${Q(t).replace(/[^\w-]/g,`-`)}`,i=!!t.method_id,a=i?`sub_saved_card`:Pn[t.kind],[o,...s]=In(this.house,t).split(` · `);return a&&s.push(this.house.say(a)),R`<div class="way ${n?`chosen`:``}">
      <label for=${r}>
        <input type="radio" name="way" id=${r} value=${Q(t)} .checked=${n} @change=${()=>{this.chosen=Q(t),Ut(zn(e),this.chosen),this.house.requestUpdate()}} />
        <span class="label"><b>${o}</b>${s.length?R`<span class="soft">${s.join(` · `)}</span>`:V}</span>
        <span class="sign">${ct(t.kind,i)}</span>
      </label>
      ${n?this.needed(e,t):V}
    </div>`}needs(e,t){return this.part?.id===Bn(e,t)&&this.part.failed&&t.kind===`paypal`?`nothing`:Ln(t)}needed(e,t){let n=this.needs(e,t);if(n===`card`||n===`account`)return this.form.render(n);if(n===`part`){let n=this.part?.id===Bn(e,t)&&this.part.failed,r=this.lacks(e,t)&&!n;return R`<div class="card-form ${n?``:Rn(t)}" aria-busy=${r}>
        ${r?R`<p class="soft"><span class="turning"></span> ${this.house.say(`part_loading`)}</p>`:V}
        <slot name="provider"></slot>
      </div>`}return V}};function In(e,t){let n=`way_${t.kind}`;return!t.method_id&&Ot(n)?e.say(n):t.label}function Ln(e){return e.method_id||e.kind===`none`?`nothing`:e.provider===`sandbox`?e.kind in yn?`sheet`:e.kind===`bank_debit`?`account`:e.kind===`card`?`card`:`nothing`:wn(e)?`part`:`nothing`}var Rn=e=>e.kind===`card`||e.kind===`bank_debit`?`for-fields`:`for-button`,zn=e=>`solvent-way:${e.id}`;function Bn(e,t){return`${Q(t)} ${e.currency} ${e.due_now>0?`payment`:`setup`}`}var Vn=class{house;ways;bot;lines;underWay=!1;constructor(e,t,n,r){this.house=e,this.ways=t,this.bot=n,this.lines=r}async press(){let e=this.now();if(e&&this.ready()&&!this.ways.lacks(e.view,e.way)){this.underWay=!0,this.house.requestUpdate();try{let t=await this.ways.given(e.view,e.way,new Date);if(t===`not yet`)return;let n=this.ways.provided(e.view,e.way),r=await this.open(t.token);if(!n||!r)return;await n.act(r),await this.over()}finally{this.underWay=!1,this.house.requestUpdate()}}}ready(){let e=this.now();return!e||this.underWay||this.house.session.busy||this.lines.unsent?!1:this.bot.given(e.view)!==!1}async open(e=null){let t=this.now(),n=t?this.bot.given(t.view):!1;if(!t||n===!1)return null;let r=this.ways.provided(t.view,t.way)!==null;await this.house.session.pay(t.way,e,n,r),this.bot.spent();let{view:i}=this.house.session;return i&&$(i)}async over(){await this.house.session.confirm()}async left(){await this.house.session.cancelPayment(!0)}now(){let{view:e}=this.house.session,t=e&&this.ways.way(e);return e&&t?{view:e,way:t}:null}},Hn=o`
  :host {
    color-scheme: light dark;
    --page: light-dark(#f4f6f8, #11151a);
    --sheet: light-dark(#fff, #1a2027);
    --raised: light-dark(#f8f9fb, #20272f);
    --ink: light-dark(#17202b, #e8ebef);
    --soft: light-dark(#535e6d, #aab3c0);
    --line: light-dark(#dde2e8, #2f3843);
    --edge: light-dark(#7b8696, #7f8b9b);
    --act: var(--solvent-act, light-dark(#1b5cc4, #7fb0ff));
    --act-over: var(--solvent-act-over, light-dark(#164ea8, #a3c6ff));
    --on-act: var(--solvent-on-act, light-dark(#fff, #0c1420));
    --act-page: light-dark(#eaf1fc, #1c2c45);
    --bad: light-dark(#8c1d18, #ffb4a8);
    --bad-page: light-dark(#fdecea, #3b1d1a);
    --good: light-dark(#14532d, #a6e3bb);
    --good-page: light-dark(#e6f4ea, #173323);
    --warn: light-dark(#6b4500, #f5cd7b);
    --warn-page: light-dark(#fdf1d8, #372b10);
    --info: light-dark(#1d3f72, #b4cdf7);
    --info-page: light-dark(#e9f0fb, #1b2940);
    --radius: var(--solvent-radius, 12px);
    --small: 8px;
    display: block;
    color: var(--ink);
    font: 16px/1.5 var(--solvent-font, system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif);
    overflow-wrap: anywhere;
    container-type: inline-size;
    text-align: start;
  }
  :host([theme='light']) {
    color-scheme: light;
  }
  :host([theme='dark']) {
    color-scheme: dark;
  }
  :host([hidden]) {
    display: none;
  }
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  h1,
  h2,
  h3,
  p,
  ul,
  dl,
  dd,
  fieldset {
    margin: 0;
    padding: 0;
    border: 0;
    min-width: 0;
  }
  ul {
    list-style: none;
  }
  h1 {
    font-size: 24px;
    line-height: 1.25;
    letter-spacing: -0.01em;
    font-weight: 650;
  }
  h2 {
    font-size: 18px;
    line-height: 1.35;
    font-weight: 650;
  }
  .soft {
    color: var(--soft);
    font-size: 14px;
  }
  .sum {
    font-variant-numeric: tabular-nums;
    white-space: nowrap;
    text-align: end;
  }
  .unseen {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  a {
    color: var(--act);
    text-underline-offset: 2px;
  }
  button,
  input {
    font: inherit;
    color: inherit;
  }
  button {
    cursor: pointer;
  }
  :focus-visible {
    outline: 3px solid var(--act);
    outline-offset: 2px;
  }
  [tabindex='-1']:focus {
    outline: none;
  }
  .act,
  a.act {
    display: flex;
    align-items: center;
    justify-content: center;
    gap: 10px;
    width: 100%;
    min-height: 52px;
    padding: 12px 20px;
    border: 0;
    border-radius: var(--small);
    background: var(--act);
    color: var(--on-act);
    font-weight: 650;
    font-size: 17px;
    text-align: center;
    text-decoration: none;
    transition: background 0.15s;
  }
  .act:hover {
    background: var(--act-over);
  }
  .act[aria-disabled='true'] {
    opacity: 0.6;
    cursor: progress;
  }
  .quiet {
    display: inline-flex;
    align-items: center;
    gap: 8px;
    min-height: 36px;
    padding: 6px 14px;
    border: 1px solid var(--edge);
    border-radius: var(--small);
    background: var(--sheet);
  }
  .quiet:hover {
    background: var(--raised);
  }
  .text {
    min-height: 32px;
    padding: 4px 0;
    border: 0;
    background: none;
    color: var(--act);
    text-align: start;
  }
  .text:hover {
    color: var(--act-over);
    text-decoration: underline;
  }
  .field label {
    display: block;
    font-size: 14px;
    font-weight: 600;
    margin: 0 0 4px;
  }
  .field input {
    width: 100%;
    min-height: 44px;
    padding: 8px 12px;
    background: var(--sheet);
    border: 1px solid var(--edge);
    border-radius: var(--small);
  }
  .field input[aria-invalid='true'] {
    border-color: var(--bad);
    box-shadow: 0 0 0 1px var(--bad);
  }
  .wrong {
    color: var(--bad);
    font-size: 14px;
    margin-top: 4px;
  }
  .wrong:empty {
    margin: 0;
  }
  .notice {
    display: flex;
    gap: 12px;
    padding: 14px 16px;
    border-radius: var(--small);
    background: var(--info-page);
    color: var(--info);
  }
  .notice strong {
    display: block;
  }
  .notice svg {
    flex: none;
    margin-top: 2px;
  }
  .notice.bad {
    background: var(--bad-page);
    color: var(--bad);
  }
  .notice.warn {
    background: var(--warn-page);
    color: var(--warn);
  }
  .badge {
    display: inline-block;
    padding: 2px 10px;
    border-radius: 99px;
    font-size: 13px;
    font-weight: 600;
    background: var(--info-page);
    color: var(--info);
  }
  .badge.good {
    background: var(--good-page);
    color: var(--good);
  }
  .badge.warn {
    background: var(--warn-page);
    color: var(--warn);
  }
  .badge.bad {
    background: var(--bad-page);
    color: var(--bad);
  }
  .turning {
    width: 20px;
    height: 20px;
    flex: none;
    border: 3px solid currentColor;
    border-inline-end-color: transparent;
    border-radius: 50%;
    animation: turn 0.8s linear infinite;
  }
  @keyframes turn {
    to {
      transform: rotate(1turn);
    }
  }
  @media (prefers-reduced-motion: reduce) {
    .turning {
      animation-duration: 4s;
    }
    * {
      transition: none;
    }
  }
`,Un=o`
  .frame {
    max-width: 1040px;
    margin: 0 auto;
    padding: 20px 16px 48px;
  }
  header {
    display: flex;
    flex-wrap: wrap;
    gap: 4px 12px;
    align-items: center;
    margin: 0 0 20px;
  }
  header .brand {
    font-size: 20px;
    font-weight: 700;
    letter-spacing: -0.01em;
  }
  header .soft {
    flex-basis: 100%;
  }
  .columns {
    display: grid;
    gap: 20px;
    align-items: start;
  }
  .card {
    background: var(--sheet);
    border: 1px solid var(--line);
    border-radius: var(--radius);
    padding: 20px;
    box-shadow: 0 1px 2px light-dark(rgb(16 24 40 / 6%), transparent);
  }
  .card > h2 {
    margin: 0 0 14px;
  }
  .pay {
    display: grid;
    gap: 16px;
  }
  .lines {
    border-top: 1px solid var(--line);
  }
  .line {
    display: grid;
    grid-template-columns: 1fr auto;
    gap: 10px 16px;
    padding: 14px 0;
    border-bottom: 1px solid var(--line);
  }
  .what > * {
    display: block;
  }
  .what .badge {
    display: inline-block;
    margin-top: 4px;
  }
  .name {
    font-weight: 600;
  }
  .object {
    font-size: 15px;
  }
  .price .sum {
    font-weight: 600;
  }
  .worked {
    font-size: 14px;
    margin-top: 8px;
  }
  .worked li {
    padding: 4px 0;
  }
  .edit {
    grid-column: 1 / -1;
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px;
  }
  .edit:not(:has(*)) {
    display: none;
  }
  .price {
    display: flex;
    align-items: center;
    gap: 4px;
    align-self: start;
    margin-inline-end: -10px;
    min-height: 24px;
  }
  .price:not(:has(.icon)) {
    margin-inline-end: 0;
  }
  .price .icon {
    margin-block: -6px;
  }
  .icon {
    display: inline-grid;
    place-items: center;
    width: 36px;
    height: 36px;
    border: 0;
    border-radius: 50%;
    background: none;
    color: var(--soft);
  }
  .icon:hover {
    background: var(--raised);
    color: var(--ink);
  }
  .stepper {
    display: inline-flex;
    border: 1px solid var(--edge);
    border-radius: var(--small);
    overflow: clip;
    overflow-clip-margin: 6px;
  }
  .stepper button {
    display: grid;
    place-items: center;
    width: 38px;
    height: 36px;
    border: 0;
    background: none;
    border-radius: var(--small);
  }
  .stepper button:hover {
    background: var(--raised);
  }
  .stepper [aria-disabled='true'] {
    color: var(--soft);
    opacity: 0.6;
    cursor: default;
  }
  .stepper input {
    width: 3.2em;
    height: 36px;
    border: 0;
    background: none;
    text-align: center;
    font-variant-numeric: tabular-nums;
  }
  .offer {
    display: inline-flex;
    align-items: center;
    gap: 8px;
    min-height: 36px;
    padding: 6px 14px;
    border: 1px dashed var(--act);
    border-radius: var(--small);
    background: var(--act-page);
    color: var(--ink);
    font-size: 15px;
    text-align: start;
  }
  .offer svg {
    flex: none;
  }
  .extras {
    display: flex;
    flex-wrap: wrap;
    gap: 10px;
    padding: 14px 0;
    border-bottom: 1px solid var(--line);
  }
  .inline {
    display: grid;
    grid-template: auto auto auto / 1fr auto;
    gap: 0 8px;
    flex: 1 1 100%;
  }
  .inline .field {
    display: grid;
    grid-row: 1 / 4;
    grid-template-rows: subgrid;
  }
  .inline .quiet {
    grid-row: 2;
    min-height: 44px;
  }
  .domains {
    flex: 1 1 100%;
  }
  .found {
    margin-top: 8px;
  }
  .found li {
    display: grid;
    grid-template-columns: 1fr auto auto;
    gap: 12px;
    align-items: center;
    min-height: 48px;
    padding: 6px 0;
    border-bottom: 1px solid var(--line);
  }
  .found li:last-child {
    border-bottom: 0;
    padding-bottom: 0;
  }
  .chips {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
    flex: 1 1 100%;
  }
  .chip {
    display: inline-flex;
    align-items: center;
    gap: 8px;
    padding: 0 2px 0 12px;
    border-radius: 99px;
    background: var(--good-page);
    color: var(--good);
    font-weight: 600;
    font-size: 14px;
  }
  .chip .icon {
    color: inherit;
  }
  .totals {
    padding: 14px 0 8px;
    transition: opacity 0.15s;
  }
  .totals[aria-busy='true'] {
    opacity: 0.5;
  }
  .totals div {
    display: flex;
    justify-content: space-between;
    gap: 16px;
    padding: 3px 0;
  }
  .totals .good {
    color: var(--good);
  }
  .totals .due {
    font-size: 20px;
    font-weight: 650;
    padding-top: 8px;
  }
  .ways {
    display: grid;
    gap: 8px;
  }
  .way {
    border: 1px solid var(--edge);
    border-radius: var(--small);
    transition: border-color 0.15s;
  }
  .way:hover {
    border-color: var(--ink);
  }
  .way.chosen {
    border-color: var(--act);
    box-shadow: 0 0 0 1px var(--act);
  }
  .way > label {
    display: flex;
    gap: 12px;
    align-items: center;
    min-height: 58px;
    padding: 10px 14px;
    cursor: pointer;
  }
  .way:has(input[type='radio']:focus-visible) {
    outline: 3px solid var(--act);
    outline-offset: 2px;
  }
  input[type='radio'],
  input[type='checkbox'] {
    flex: none;
    width: 20px;
    height: 20px;
    margin: 0;
    accent-color: var(--act);
  }
  .way input[type='radio']:focus-visible {
    outline: none;
  }
  .label {
    flex: 1;
  }
  .label > * {
    display: block;
    line-height: 1.35;
  }
  .label b {
    font-weight: 600;
  }
  .other {
    margin-top: 8px;
  }
  .sign {
    color: var(--soft);
    display: flex;
  }
  .chosen .sign {
    color: var(--act);
  }
  .card-form {
    display: grid;
    grid-template-columns: 1fr 1fr;
    align-content: start;
    gap: 12px;
    padding: 4px 14px 14px;
  }
  .card-form > * {
    grid-column: 1 / -1;
  }
  .for-fields {
    min-height: 300px;
  }
  .for-button {
    min-height: 88px;
  }
  .card-form .expiry,
  .card-form .code {
    display: grid;
    grid-row: span 3;
    grid-template-rows: subgrid;
    row-gap: 0;
  }
  .card-form label {
    align-self: end;
  }
  .card-form .expiry {
    grid-column: 1;
  }
  .card-form .code {
    grid-column: 2;
  }
  .help {
    font-size: 14px;
  }
  summary {
    width: fit-content;
    padding: 4px 0;
    color: var(--soft);
    cursor: pointer;
  }
  .help button {
    font-size: 14px;
  }
  code {
    font: 13px ui-monospace, 'SF Mono', Menlo, Consolas, monospace;
  }
  .bot {
    margin-top: 14px;
  }
  .bot label {
    display: flex;
    gap: 12px;
    align-items: center;
    min-height: 44px;
    cursor: pointer;
  }
  form > .act {
    margin-top: 16px;
  }
  .act.by-apple_pay,
  .act.by-google_pay {
    background: light-dark(#000, #fff);
    color: light-dark(#fff, #000);
  }
  .act.by-paypal {
    background: #ffc439;
    color: #1b1f24;
  }
  .act.by-paypal:hover {
    background: #f2b01e;
  }
  .act.by-apple_pay:hover,
  .act.by-google_pay:hover {
    background: light-dark(#2b2b2b, #e3e3e3);
  }
  .secure {
    display: flex;
    gap: 8px;
    align-items: center;
    margin-top: 12px;
  }
  .secure svg {
    flex: none;
  }
  .panel {
    display: grid;
    gap: 14px;
  }
  .panel h2 {
    display: flex;
    align-items: center;
    gap: 12px;
    font-size: 22px;
    margin: 0;
  }
  .panel .quiet {
    justify-self: start;
    color: var(--ink);
    text-decoration: none;
    min-height: 44px;
  }
  .panel .text {
    justify-self: center;
  }
  section > .text {
    display: block;
    margin: 12px auto 0;
  }
  .tick {
    display: grid;
    place-items: center;
    width: 60px;
    height: 60px;
    border-radius: 50%;
    background: var(--good-page);
    color: var(--good);
  }
  .tick.warn {
    background: var(--warn-page);
    color: var(--warn);
  }
  .ghost {
    display: grid;
    gap: 14px;
    min-height: 180px;
  }
  .ghost i {
    display: block;
    height: 20px;
    border-radius: 6px;
    background: var(--line);
    animation: breathe 1.4s ease-in-out infinite alternate;
  }
  .ghost i:first-child {
    width: 40%;
  }
  @keyframes breathe {
    to {
      opacity: 0.4;
    }
  }
  .sheet {
    width: min(420px, 100vw);
    max-width: none;
    margin: auto auto 0;
    padding: 20px;
    border: 1px solid var(--line);
    border-radius: 18px 18px 0 0;
    background: var(--sheet);
    color: var(--ink);
    box-shadow: 0 16px 48px rgb(0 0 0 / 35%);
  }
  .sheet::backdrop {
    background: rgb(8 12 18 / 55%);
  }
  .sheet form {
    display: grid;
    gap: 14px;
  }
  .sheet-head,
  .sheet-sum {
    display: flex;
    align-items: center;
    justify-content: space-between;
    gap: 16px;
  }
  .sheet-sum b {
    font-size: 22px;
  }
  .sheet legend {
    font-size: 14px;
    font-weight: 600;
    margin: 0 0 6px;
    padding: 0;
  }
  .sheet-card {
    display: flex;
    gap: 12px;
    align-items: center;
    min-height: 48px;
    padding: 8px 12px;
    border: 1px solid var(--edge);
    border-radius: var(--small);
    margin-bottom: 6px;
    cursor: pointer;
  }
  .sheet-card:has(:checked) {
    border-color: var(--act);
  }
  .sheet .soft:last-child {
    text-align: center;
  }
  @media (min-width: 640px) {
    .sheet {
      margin: auto;
      border-radius: 18px;
    }
  }
  @container (min-width: 640px) {
    .frame {
      padding: 32px 24px 64px;
    }
    .card {
      padding: 28px;
    }
  }
  @container (min-width: 860px) {
    .columns {
      grid-template-columns: minmax(0, 1.1fr) minmax(0, 1fr);
      gap: 28px;
    }
    .pay {
      position: sticky;
      top: 24px;
    }
  }
  @media (prefers-reduced-motion: reduce) {
    .ghost i {
      animation: none;
    }
  }
`,Wn=new Set([`sandbox`,`sandpal`]),Gn=class extends K{static properties={token:{},base:{},locale:{},hosted:{type:Boolean}};static styles=[Hn,Un];session;tongue=new At(navigator.language);lines=new Pt(this);extras=new dt(this);ways=new Fn(this);bot=new Ge(this);payment=new Vn(this,this.ways,this.bot,this.lines);wantedFocus=null;shown={state:`loading`,told:0,due:null};aloud=``;usable=null;constructor(){super(),this.token=``,this.base=new URL(`..`,``+import.meta.url).href.replace(/\/$/,``),this.locale=null,this.hosted=!1}connectedCallback(){this.session??=new $t(this,new Fe(this.base.replace(/\/$/,``),this.token)),super.connectedCallback()}say(e,t={}){return this.tongue.say(e,t)}money(e){return this.tongue.money(e,this.session.view?.currency??`USD`)}focusOn(e){this.wantedFocus=e,this.requestUpdate()}willUpdate(){let e=this.session.view,t=this.locale??e?.locale??navigator.language;t!==this.tongue.locale&&(this.tongue=new At(t)),e&&this.shown.due!==null&&this.shown.due!==e.due_now&&e.state===`open`&&(this.aloud=this.say(`total_now`,{amount:this.money(e.due_now)})),this.session.busy===`pay`&&(this.aloud=this.say(`working`))}updated(e){let{view:t,told:n,gone:r}=this.session,i=r?`gone`:t?Kn(t):`loading`;n===this.shown.told?i!==this.shown.state&&this.shown.state!==`loading`&&(this.wantedFocus??=`#outcome`):this.wantedFocus=`#notice`,this.shown={state:i,told:n,due:t?.due_now??null},this.lang=this.tongue.language,t&&i===`open`&&(this.ways.load(t,this.payment),this.bot.load(t)),this.hosted&&this.namePage(t),t&&this.usable===null&&(this.usable=performance.mark(`solvent-usable`)),this.moveFocus()}render(){let{view:e,gone:t}=this.session;return t?this.frame(null,this.nowhere()):e?this.frame(e,this.body(e)):this.frame(null,this.session.notice?this.unreachable():this.skeleton())}frame(e,t){let n=e?.merchant.name??``,r=[e?.attempt,...e?.ways??[]].some(e=>Wn.has(e?.provider??``));return R`<div class="frame" part="frame">
      <header>
        ${this.hosted?R`<h1 class="brand">${n||this.say(`title`)}</h1>`:R`<p class="brand">${n}</p>`}
        ${r?R`<span class="badge warn">${this.say(`test_mode`)}</span>`:V}
        ${e?R`<p class="soft">${this.say(`for_whom`,{name:e.account.name})}</p>`:V}
      </header>
      ${t}
      <p class="unseen" role="status">${this.aloud}</p>
    </div>`}body(e){let t=on(this,e),n=t!==null||e.state!==`open`;return R`<div class="columns">
      <section class="card order" aria-labelledby="order">
        <h2 id="order" tabindex="-1">${this.say(`order`)}</h2>
        ${this.lines.render(e,n)}
        ${n?V:this.extras.render(e)}
        ${vn(this,e)}
      </section>
      <div class="pay">
        ${zt(this,e)}
        ${t?R`<div class="card">${t}</div>`:this.payForm(e)}
      </div>
    </div>`}payForm(e){let t=e.state===`paying`;return t&&e.ways.length===0?this.beginAgain():R`<section class="card" aria-labelledby="outcome">
      <h2 id="outcome" tabindex="-1">${this.say(t?`finish_title`:`payment_heading`)}</h2>
      ${t?R`<p>${this.say(`finish`)}</p>`:V}
      <form novalidate @submit=${this.submit}>
        ${e.problem?R`<p class="notice bad" role="status">${this.tongue.rule(e.problem.rule,`order_refused`)}</p>`:this.ways.render(e)}
        ${this.bot.render(e)}
        ${this.payButton(e)}
      </form>
      ${t?dn(this):this.promise(e)}
    </section>`}promise(e){return e.due_now===0?V:R`<p class="soft secure">${nt}${this.say(`secure`)}</p>`}beginAgain(){return R`<section class="card panel" aria-labelledby="outcome">
      <h2 id="outcome" tabindex="-1">${this.say(`finish_title`)}</h2>
      <p>${this.say(`finish`)}</p>
      <button type="button" class="act" @click=${()=>void this.session.cancelPayment()}>${this.say(`try_again`)}</button>
    </section>`}payButton(e){let t=this.ways.way(e);if(!t||e.lines.length===0||this.ways.provided(e,t)?.hasButton)return V;let n=this.session.busy===`pay`||this.payment.underWay,r=n||this.session.busy!==null||this.lines.unsent||this.ways.lacks(e,t);return R`<button class="act by-${t.method_id?`saved`:t.kind}" aria-disabled=${r}>
      ${n?R`<span class="turning"></span>${this.say(`working`)}`:this.payLabel(e,t)}
    </button>`}payLabel(e,t){if(t.kind===`none`)return this.say(`subscribe`);if(e.due_now===0)return this.say(`save`);let n=this.money(e.due_now),r=t.method_id?null:yn[t.kind]??(t.kind===`paypal`?`PayPal`:null);return r?this.say(`pay_with`,{amount:n,way:r}):this.say(`pay`,{amount:n})}submit=e=>{e.preventDefault(),this.payment.press()};nowhere(){return R`<section class="card panel" aria-labelledby="outcome"><h2 id="outcome" tabindex="-1">${this.say(`unknown_title`)}</h2><p>${this.say(`unknown`)}</p></section>`}unreachable(){return R`<section class="card panel" aria-labelledby="outcome"><h2 id="outcome" tabindex="-1">${this.say(`offline_title`)}</h2><p>${this.say(`offline`)}</p>
      <button type="button" class="quiet" @click=${()=>void this.session.refresh()}>${this.say(`try_again`)}</button></section>`}skeleton(){return R`<div class="columns" aria-busy="true">
      <p class="unseen" role="status">${this.say(`loading`)}</p>
      <div class="card ghost"><i></i><i></i><i></i></div>
      <div class="card ghost"><i></i><i></i></div>
    </div>`}namePage(e){document.documentElement.lang=this.tongue.language,document.title=e?`${this.say(`title`)} · ${e.merchant.name}`:this.say(`title`)}moveFocus(){if(this.wantedFocus===null)return;let e=this.renderRoot.querySelector(this.wantedFocus);this.wantedFocus=null,e?.focus(),e?.scrollIntoView({block:`nearest`})}};function Kn(e){return e.state===`paying`?`paying ${$(e)?.kind??``}`:e.state}customElements.get(`solvent-checkout`)||customElements.define(`solvent-checkout`,Gn);