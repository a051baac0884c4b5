// What is wrong with the picture of a player. Runs in the page: it refers to nothing outside.

/** A line for each thing that is wrong. */
export function faults() {
  const found = [];
  const root = document.querySelector('glass-player').shadowRoot;
  const plate = root.querySelector('.plate');
  const seen = (element) => {
    const box = element.getBoundingClientRect();
    const style = getComputedStyle(element);
    return box.width > 0 && box.height > 0 && style.visibility !== 'hidden' && style.display !== 'none';
  };
  const words = (element) => element.textContent.trim().replace(/\s+/g, ' ').slice(0, 40);

  // Pages do not scroll, and boxes do not cut what is in them.
  if (document.documentElement.scrollWidth > innerWidth) found.push('the page scrolls sideways');
  if (document.documentElement.scrollHeight > innerHeight) found.push('the page scrolls');
  for (const element of root.querySelectorAll('button, h1, h2, h3, .chk, .chip, .seg > *')) {
    if (!seen(element) || element.closest('svg')) continue;
    const style = getComputedStyle(element);
    if (style.textOverflow === 'ellipsis') continue;
    if (element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0) found.push(`cut off: ${words(element)}`);
  }

  // Texts of a picture stay inside it and off each other.
  for (const svg of root.querySelectorAll('svg')) {
    const frame = svg.getBoundingClientRect();
    if (frame.width < 150) continue;
    const texts = [...svg.querySelectorAll('text')]
      .filter((text) => seen(text) && text.textContent.trim())
      .map((text) => ({ text, box: text.getBoundingClientRect() }));
    for (const [i, one] of texts.entries()) {
      const { text, box } = one;
      if (box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1 || box.bottom > frame.bottom + 3) {
        found.push(`outside its picture: ${words(text)}`);
      }
      for (const other of texts.slice(0, i)) {
        const wide = Math.min(box.right, other.box.right) - Math.max(box.left, other.box.left);
        const high = Math.min(box.bottom, other.box.bottom) - Math.max(box.top, other.box.top);
        if (wide > 2 && high > 5) found.push(`overlap: ${words(text)} / ${words(other.text)}`);
      }
      const size = parseFloat(getComputedStyle(text).fontSize);
      if (size < 11) found.push(`${size} px: ${words(text)}`);
    }
  }
  for (const element of root.querySelectorAll('button, p, li, h1, h2, h3, span, td, th')) {
    if (!seen(element) || element.closest('svg') || element.children.length > 0 || !element.textContent.trim()) continue;
    const size = parseFloat(getComputedStyle(element).fontSize);
    if (size < 11) found.push(`${size} px: ${words(element)}`);
  }

  // Every token and every node has a name; what can be touched on a phone is large enough.
  for (const token of root.querySelectorAll('.tok, .node, .event, .cell, .flag, .viol')) {
    const unnamed = !token.getAttribute('aria-label') && !token.closest('[aria-hidden]');
    if (unnamed && !token.closest('.mini') && token.getAttribute('role')) found.push(`no name: ${words(token)}`);
    if (token.classList.contains('tok') && !token.getAttribute('aria-label')) found.push(`no name: ${words(token)}`);
  }
  if (innerWidth < 500) {
    for (const button of root.querySelectorAll('button, a, select')) {
      const box = button.getBoundingClientRect();
      if (!seen(button) || button.classList.contains('grip') || button.closest('.chk, .duo')) continue;
      if (button.matches('.chk')) continue;
      if (box.width < 44 || box.height < 44) found.push(`small: ${button.ariaLabel ?? words(button)} ${box.width} x ${box.height}`);
    }
  }

  // Contrast of rendered pairs: each text against the nearest ground that is painted behind it.
  const parse = (colour) => (colour.match(/[\d.]+/g) ?? []).map(Number);
  const luminance = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const contrast = (a, b) => {
    const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
    return (high + 0.05) / (low + 0.05);
  };
  const groundOf = (element) => {
    for (let at = element; at; at = at.parentElement ?? at.getRootNode().host) {
      const [r, g, b, alpha = 1] = parse(getComputedStyle(at).backgroundColor);
      if (alpha > 0.99 && r !== undefined) return [r, g, b];
    }
    return [255, 255, 255];
  };
  const painted = (text) => {
    const box = text.getBoundingClientRect();
    const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
    if (x < 0 || y < 0 || x > innerWidth || y > innerHeight) return undefined;
    const stacked = root.elementsFromPoint(x, y);
    // Scrolled out of sight, or under a panel: it is looked at where it is seen.
    if (!stacked.includes(text)) return undefined;
    const above = stacked.slice(0, stacked.indexOf(text));
    if (above.some((over) => !(over instanceof SVGElement) && !over.contains(text))) return undefined;
    for (const under of stacked) {
      if (under === text || under.tagName === 'text' || under.tagName === 'tspan') continue;
      if (under.tagName === 'path' && getComputedStyle(under).fill === 'none') continue;
      const style = getComputedStyle(under);
      if (under instanceof SVGElement && under.tagName !== 'svg' && under.tagName !== 'g') {
        // A pattern carries no text: a plate lies under the id.
        const [r, g, b, alpha = 1] = parse(style.fill.startsWith('url') ? '' : style.fill);
        if (r !== undefined && alpha > 0.99 && parseFloat(style.opacity) > 0.99) return [r, g, b];
      } else if (!(under instanceof SVGElement)) return groundOf(under);
    }
    return undefined;
  };
  for (const text of root.querySelectorAll('text')) {
    if (!seen(text) || !text.textContent.trim()) continue;
    const ground = painted(text);
    const ratio = ground ? contrast(parse(getComputedStyle(text).fill), ground) : 21;
    if (ratio < 4.5) found.push(`contrast ${ratio.toFixed(2)}: ${words(text)}`);
  }
  for (const element of root.querySelectorAll('button, p, li, h1, h2, h3, span, b, td, th, dt, dd')) {
    const own = [...element.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());
    if (!seen(element) || element.closest('svg') || !own || element.closest('.sr')) continue;
    const ratio = contrast(parse(getComputedStyle(element).color), groundOf(element));
    if (ratio < 4.5) found.push(`contrast ${ratio.toFixed(2)}: ${words(element)}`);
  }
  if (plate && plate.scrollWidth > plate.clientWidth + 1) found.push('the picture scrolls sideways');
  return [...new Set(found)];
}
