"""html.py LIST: looks at pages of postern doctor in Chromium.

LIST has one line for each page, of fields with a tab between them: the page's path, the verdict that it must show, the
command (empty: none; newlines as \\n), and texts that must stand in it to the letter. Prints ok and not ok lines. PICTURES=DIR
keeps what was seen.
"""

import os
import sys

from browser import Browser

VIEWS = (
    ("phone", 360, 800, False, True),
    ("phone, dark", 360, 800, True, True),
    ("desktop", 1280, 900, False, False),
    ("desktop, dark", 1280, 900, True, False),
)

# What a page is like, found out by what the browser has made of it.
LOOK = r"""
const width = arguments[0];
const seen = (e) => {
	if (!e) return "missing";
	e.scrollIntoView({block: "center"});
	const r = e.getBoundingClientRect();
	if (r.width < 20 || r.height < 8) return "has no size";
	if (r.left < 0 || r.right > width + 0.5) return "reaches out of the window";
	const top = document.elementFromPoint(r.left + Math.min(r.width / 2, 30), r.top + Math.min(r.height / 2, 12));
	return top && (e.contains(top) || top.contains(e)) ? "" : "is covered";
};
const luminance = (c) => {
	const [r, g, b] = c.match(/[\d.]+/g).slice(0, 3).map((v) => {
		v /= 255;
		return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
	});
	return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const ground = (e) => {
	for (; e; e = e.parentElement) {
		const c = getComputedStyle(e).backgroundColor;
		if (!/, 0\)$/.test(c)) return c;
	}
	return "rgb(255, 255, 255)";
};
let contrast = 99, faint = "", wide = "", small = 99;
for (const e of document.body.querySelectorAll("*")) {
	const r = e.getBoundingClientRect();
	if (r.width && (r.right > width + 0.5 || r.left < -0.5)) wide = wide || e.outerHTML.slice(0, 200);
	if (![...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim())) continue;
	const a = luminance(getComputedStyle(e).color), b = luminance(ground(e));
	const c = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
	if (c < contrast) [contrast, faint] = [c, e.outerHTML.slice(0, 200)];
	small = Math.min(small, parseFloat(getComputedStyle(e).fontSize));
}
const verdict = document.getElementById("verdict"), command = document.querySelector("pre.command");
let attributes = [];
for (const e of document.querySelectorAll("*"))
	for (const a of e.attributes)
		if (/^on|^(src|srcset|href|action|data|poster|formaction|style)$/i.test(a.name)) attributes.push(a.name);
return {
	verdict: verdict && verdict.textContent, verdictSeen: seen(verdict),
	command: command && command.textContent, commandSeen: seen(command),
	over: document.scrollingElement.scrollWidth - width, wide: wide,
	contrast: contrast, faint: faint, small: small, ground: luminance(ground(document.body)),
	elements: [...new Set([...document.querySelectorAll("*")].map((e) => e.localName))],
	attributes: attributes, fetched: performance.getEntriesByType("resource").map((e) => e.name),
	scripts: "pwned" in window, text: document.body.textContent,
};
"""

CLICK = r"""
const r = document.querySelector("pre.command").getBoundingClientRect();
return [r.left + 30, r.top + r.height / 2];
"""

ELEMENTS = set(
    "html head meta title style body main header section footer h1 h2 h3 p b code pre span div ul ol li dl dt dd details summary".split()
)

results = []


def result(name, problem):
    results.append(not problem)
    print("%s - %s" % ("not ok" if problem else "ok", name), flush=True)
    if problem:
        print("  " + str(problem), file=sys.stderr)


def problems(seen, verdict, command, texts):
    """All that is wrong with one view of a page."""
    found = []

    def unless(good, text):
        if not good:
            found.append(text)

    unless(seen["verdict"] == verdict, "the verdict is %r, not %r" % (seen["verdict"], verdict))
    unless(seen["verdictSeen"] == "", "the verdict %s" % seen["verdictSeen"])
    if command:
        unless(seen["command"] == command, "the command is %r, not %r" % (seen["command"], command))
        unless(seen["commandSeen"] == "", "the command %s" % seen["commandSeen"])
    else:
        unless(seen["command"] is None, "there is a command: %r" % seen["command"])
    unless(seen["over"] <= 0, "%s pixels too wide" % seen["over"])
    unless(not seen["wide"], "reaches out of the window: %s" % seen["wide"])
    unless(seen["contrast"] >= 4.5, "too little contrast, %.2f: %s" % (seen["contrast"], seen["faint"]))
    unless(seen["small"] >= 10, "letters of %s pixels" % seen["small"])
    unless(set(seen["elements"]) <= ELEMENTS, "unknown elements: %s" % (set(seen["elements"]) - ELEMENTS))
    unless(not seen["attributes"], "attributes that act or load: %s" % seen["attributes"])
    unless(not seen["fetched"], "the page fetched %s" % seen["fetched"])
    unless(not seen["scripts"], "a script has run")
    rest = seen["text"]
    for text in texts:
        rest = rest.replace(text, "")
    unless("</" not in rest and "&lt;" not in rest, "markup can be read as text")
    for text in texts:
        unless(text in seen["text"], "%r is not in the page" % text)
    return found


def click(browser):
    """What is selected after a click on the first command."""
    x, y = browser.script(CLICK)
    for kind in ("mousePressed", "mouseReleased"):
        browser.devtools("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)
    return browser.script("return getSelection().toString()")


def page(browser, file, verdict, command, texts, pictures):
    found = []
    for name, width, height, dark, phone in VIEWS:
        browser.open(file, width, height, dark, phone)
        seen = browser.script(LOOK, width)
        found += ["%s: %s" % (name, p) for p in problems(seen, verdict, command, texts)]
        if (seen["ground"] < 0.2) != dark:
            found.append("%s: the background's luminance is %.2f" % (name, seen["ground"]))
        if pictures:
            base = os.path.basename(file).removesuffix(".html")
            browser.picture("%s/%s-%s.png" % (pictures, base, name.replace(", ", "-")))
    # the last view has a mouse
    if command:
        browser.script("document.querySelector('pre.command').scrollIntoView({block: 'center'})")
        selected = click(browser)
        if selected.strip("\n") != command.strip("\n"):
            found.append("a click on the command selects %r" % selected)
    return "\n  ".join(found)


def main():
    pictures = os.environ.get("PICTURES")
    with open(sys.argv[1], encoding="utf-8") as f:
        lines = [line.rstrip("\n").split("\t") for line in f]
    with Browser() as browser:
        for file, verdict, command, *texts in lines:
            name = os.path.basename(file).removesuffix(".html")
            command = command.replace("\\n", "\n").replace("\\t", "\t")
            result("%s: the page shows the verdict and the command" % name, page(browser, file, verdict, command, texts, pictures))
        browser.open(lines[0][0], 1280, 900, dark=True)
        features = [{"name": "prefers-color-scheme", "value": "dark"}]
        browser.devtools("Emulation.setEmulatedMedia", media="print", features=features)
        seen = browser.script(LOOK, 1280)
        result(
            "on paper it is dark on white for a reader of dark pages, too",
            "" if seen["ground"] == 1 and seen["contrast"] >= 4.5 else (seen["ground"], seen["contrast"], seen["faint"]),
        )
        browser.open(lines[0][0], 1280, 900)
        pages = browser.pages()
        result("the page can be printed on a few sheets", "" if 1 <= pages <= 12 else "%d sheets" % pages)
        # what tells that the look itself is worth something
        browser.script("document.querySelector('h1').style.width = '2000px'")
        seen = browser.script(LOOK, 1280)
        result("a page that is too wide is found out", "" if seen["over"] > 0 and seen["verdictSeen"] else seen)
    return 0 if results and all(results) else 1


sys.exit(main())
