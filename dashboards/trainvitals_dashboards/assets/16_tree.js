// Turns the trees of a page (tree.py) into elements and, when they change, touches only what differs.
(function (tv) {
  "use strict";
  const KEYS = ["data-layer", "data-run"];

  const key = (attributes) => KEYS.map((name) => attributes[name]).find(Boolean) || null;

  function create(spec) {
    if (typeof spec === "string") return document.createTextNode(spec);
    const element = document.createElement(spec[0]);
    element.told = {};
    fill(element, spec);
    return element;
  }

  // Attributes and children that the page's script or the reader changed stay as they are until the tree changes them.
  function fill(element, [, attributes, children]) {
    for (const name of Object.keys(element.told)) if (!(name in attributes)) element.removeAttribute(name);
    for (const [name, value] of Object.entries(attributes)) {
      if (element.told[name] !== value) element.setAttribute(name, value);
    }
    element.told = attributes;
    if (children) patch(element, children);
  }

  function fits(node, spec) {
    if (typeof spec === "string") return node.nodeType === Node.TEXT_NODE;
    return node.told && node.localName === spec[0] && key(node.told) === key(spec[1]);
  }

  function patch(parent, specs) {
    const keyed = new Map();
    for (const child of parent.children) if (child.told && key(child.told)) keyed.set(key(child.told), child);
    let next = parent.firstChild;
    for (const spec of specs) {
      const known = typeof spec === "string" || !key(spec[1]) ? null : keyed.get(key(spec[1]));
      if (known && known !== next) parent.insertBefore(known, next);
      const node = known || (next && fits(next, spec) ? next : null);
      if (!node) {
        parent.insertBefore(create(spec), next);
        continue;
      }
      if (typeof spec === "string") {
        if (node.data !== spec) node.data = spec;
      } else fill(node, spec);
      next = node.nextSibling;
    }
    while (next) {
      const after = next.nextSibling;
      next.remove();
      next = after;
    }
  }

  // A form that the reader has open waits for nobody's news: its part of the page stands still until it is closed.
  const written = (place) => place.querySelector("details[open] > form") !== null;

  tv.growTrees = function () {
    for (const place of document.querySelectorAll("[data-tree]")) {
      if (place.grown === place.dataset.tree || written(place)) continue;
      place.grown = place.dataset.tree;
      patch(place, JSON.parse(place.grown));
    }
  };
})(window.trainvitals);
