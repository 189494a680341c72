// What pictures of pages are asked; an object, evaluated in the page.
({
  // Panels with their places, and of every kind of part the colours it is drawn in. What the fonts decide is left out.
  measure() {
    const shown = (one) => {
      const r = one.getBoundingClientRect();
      return r.width > 0 && r.height > 0 && r.top < innerHeight ? r : null;
    };
    const kind = (one) => [one.localName, ...[...one.classList].sort()].join('.');
    const panels = [];
    for (const one of document.querySelectorAll('header, main, footer, form, dialog[open], .card, .column, .note, .link-bar, .kpi, .tiles')) {
      const r = shown(one);
      if (r && r.width > 60 && r.height > 12) panels.push([kind(one), ...[r.x, r.y, r.width, r.height].map(Math.round)]);
    }
    const parts = 'body, header, main, footer, .card, .note, .link-bar, .btn, .tag, .tile, .state, .timer, .chip, .err, '
      + 'h1, h2, a, th, td, label, input, select, textarea, button, kbd';
    const drawn = new Set();
    for (const one of document.querySelectorAll(parts)) {
      if (!shown(one)) continue;
      const s = getComputedStyle(one);
      const edge = s.borderTopStyle === 'none' || s.borderTopWidth === '0px' ? '' : s.borderTopColor;
      drawn.add([kind(one), s.color, s.backgroundColor, edge].join(' | '));
    }
    return { panels, drawn: [...drawn].sort() };
  },

  async image(data) {
    const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
    return createImageBitmap(new Blob([bytes], { type: 'image/png' }));
  },

  async shrink([data, by]) {
    const full = await this.image(data);
    const canvas = new OffscreenCanvas(Math.round(full.width / by), Math.round(full.height / by));
    const pen = canvas.getContext('2d');
    pen.imageSmoothingQuality = 'high';
    pen.drawImage(full, 0, 0, canvas.width, canvas.height);
    const made = new Uint8Array(await (await canvas.convertToBlob({ type: 'image/png' })).arrayBuffer());
    let text = '';
    for (const byte of made) text += String.fromCharCode(byte);
    return btoa(text);
  },

  // The mean of each square: brightness may differ as text runs otherwise, colour hardly.
  async means(data, square) {
    const image = await this.image(data);
    const pen = new OffscreenCanvas(image.width, image.height).getContext('2d');
    pen.drawImage(image, 0, 0);
    const { data: points } = pen.getImageData(0, 0, image.width, image.height);
    const found = [];
    for (let y = 0; y + square <= image.height; y += square) {
      for (let x = 0; x + square <= image.width; x += square) {
        const sum = [0, 0, 0];
        for (let i = 0; i < square * square; i++) {
          const at = 4 * ((y + Math.floor(i / square)) * image.width + x + (i % square));
          for (let c = 0; c < 3; c++) sum[c] += points[at + c];
        }
        found.push(sum.map((all) => all / square / square));
      }
    }
    return found;
  },

  async compare([one, other, square]) {
    const [was, is] = [await this.means(one, square), await this.means(other, square)];
    if (was.length !== is.length) return 1;
    const differs = ([r, g, b], [R, G, B]) => Math.abs(r + g + b - R - G - B) > 108
      || Math.abs(r - g - R + G) > 22 || Math.abs(g - b - G + B) > 22;
    return was.filter((mean, i) => differs(mean, is[i])).length / was.length;
  },
})
