// Finds every entry that holds all words, ids first. Works from a file: the index is a script, nothing is fetched.
(function () {
  "use strict";
  var most = 60, input = document.getElementById("words"), list = document.getElementById("found"), count = document.getElementById("count");
  var entries = window.NELM_INDEX.map(function (entry) {
    return { entry: entry, text: (entry[0] + " " + entry[1]).toLowerCase() };
  });
  function rank(item, words) {
    return item.entry[0].toLowerCase() === words[0] ? 0 : item.text.indexOf(words[0]) < 40 ? 1 : 2;
  }
  function show() {
    var words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    var hits = words.length === 0 ? [] : entries.filter(function (item) {
      return words.every(function (word) { return item.text.indexOf(word) >= 0; });
    });
    hits.sort(function (a, b) { return rank(a, words) - rank(b, words); });
    list.textContent = "";
    hits.slice(0, most).forEach(function (item) {
      var line = document.createElement("li"), anchor = document.createElement("a"), where = document.createElement("span");
      anchor.href = item.entry[2];
      anchor.textContent = item.entry[0];
      where.className = "soft";
      where.textContent = " " + item.entry[3];
      line.append(anchor, where, document.createElement("br"), item.entry[1]);
      list.append(line);
    });
    count.textContent = words.length === 0 ? "" : hits.length + (hits.length > most ? " found, the first " + most + " shown" : " found");
  }
  input.addEventListener("input", show);
  input.value = decodeURIComponent(location.hash.slice(1));
  show();
})();
