//! Checks of a page: axe-core, width, bytes and layout shifts. Also takes screenshots.

use std::{fs, path::PathBuf, sync::LazyLock};

use serde_json::{Value, json};

use crate::driver::Browser;

/// The widths in pixels at which every page is checked: the smallest phone, or 400 % zoom, and a desktop screen.
pub const WIDTHS: [u32; 2] = [320, 1280];
/// A width in between, at which a page only has to fit and is photographed: the layout is the same as at one of the
/// others.
const TABLET: u32 = 768;
/// The most bytes that the first view of a public page may transfer.
const MOST_BYTES: u64 = 40_000;

static AXE: LazyLock<String> = LazyLock::new(|| {
    let file = project().join("target/tools/node_modules/axe-core/axe.min.js");
    fs::read_to_string(file).expect("axe-core is installed; tests/install installs it")
});

impl Browser {
    /// Checks the current page at each width, light and dark, and takes a screenshot of each. Returns one line for each
    /// problem.
    pub async fn check_page(&self, name: &str) -> Vec<String> {
        let mut wrong = Vec::new();
        for width in WIDTHS {
            for dark in [false, true] {
                self.set_screen(width, dark).await;
                let shade = if dark { "dark" } else { "light" };
                let place = format!("{name} ({width} px, {shade})");
                self.takes_screenshot(&format!("{name}-{width}-{shade}")).await;
                wrong.extend(self.axe_problems().await.into_iter().map(|problem| format!("{place}: {problem}")));
                wrong.extend(
                    self.horizontal_overflow()
                        .await
                        .into_iter()
                        .map(|what| format!("{place}: scrolls sideways: {what}")),
                );
            }
        }
        self.set_screen(TABLET, false).await;
        self.takes_screenshot(&format!("{name}-{TABLET}-light")).await;
        wrong.extend(
            self.horizontal_overflow().await.map(|what| format!("{name} ({TABLET} px): scrolls sideways: {what}")),
        );
        self.set_screen(1280, false).await;
        wrong
    }

    /// Returns what axe-core finds, including the size of targets (WCAG 2.2, criterion 2.5.8), which it does not check
    /// by default.
    async fn axe_problems(&self) -> Vec<String> {
        if self.script("return typeof axe").await == "undefined" {
            self.script(&AXE).await;
        }
        let found = self
            .async_script(
                "const done = arguments[arguments.length - 1];
                 axe.run(document, { resultTypes: ['violations'], rules: { 'target-size': { enabled: true } } }).then(
                     result => done(result.violations.flatMap(rule => rule.nodes.map(
                         node => `${rule.id}: ${rule.help}: ${node.html.slice(0, 160)} ${node.any.map(c => c.message).join('; ').slice(0, 200)}`))),
                     error => done([String(error)]));",
            )
            .await;
        found.as_array().expect("a list").iter().map(|one| one.as_str().unwrap_or_default().to_owned()).collect()
    }

    /// Returns which elements make the page scroll sideways, if any do.
    async fn horizontal_overflow(&self) -> Option<String> {
        let what = self
            .script(
                "const root = document.scrollingElement;
                 if (root.scrollWidth <= root.clientWidth) return null;
                 const out = [...document.body.querySelectorAll('*')].filter(e => e.getBoundingClientRect().right > root.clientWidth + 1);
                 return `${root.scrollWidth} px: ` + out.slice(0, 3).map(e => e.outerHTML.slice(0, 100)).join(' … ');",
            )
            .await;
        what.as_str().map(str::to_owned)
    }

    /// Checks that the page neither scrolls sideways nor breaks words unnecessarily with the spacing of WCAG 2.2,
    /// criterion 1.4.12, on the smallest phone, and with text at 200 % (1.4.4) at any width.
    pub async fn check_spaced_and_large_text(&self, name: &str) -> Vec<String> {
        let spaced =
            "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important; }
                      p { margin-block-end: 2em !important; }";
        let large = "html { font-size: 200% !important; }";
        let mut wrong = Vec::new();
        for (width, rules) in
            [(320, spaced), (320, large), (390, large), (640, large), (768, large), (1280, large), (1920, large)]
        {
            self.set_screen(width, false).await;
            let letters = "const style = getComputedStyle(document.querySelector('main p')); return style.letterSpacing + style.fontSize";
            self.script("document.adoptedStyleSheets = [];").await;
            let before = self.script(letters).await;
            self.script(&format!(
                "const sheet = new CSSStyleSheet(); sheet.replaceSync(`{rules}`); document.adoptedStyleSheets = [sheet];"
            ))
            .await;
            assert_ne!(before, self.script(letters).await, "the style applies");
            let place = format!("{name} ({width} px, {rules})");
            wrong.extend(self.horizontal_overflow().await.map(|what| format!("{place}: scrolls sideways: {what}")));
            // On a phone, a long word at 200 % can be wider than the screen.
            let within = if width < 768 { "header nav" } else { "body" };
            wrong.extend(self.broken_words(within).await.iter().map(|word| format!("{place}: breaks {word}")));
        }
        self.script("document.adoptedStyleSheets = [];").await;
        wrong
    }

    /// Checks that the page fits on a phone with text at 200 %, with every part of a form open: no word of a form
    /// breaks, no choice is cut off, and no number leaves its square.
    pub async fn fits_a_phone_with_large_text(&self, name: &str) -> Vec<String> {
        let mut wrong = Vec::new();
        for width in [320, 390] {
            self.set_screen(width, false).await;
            self.script(
                "const sheet = new CSSStyleSheet(); sheet.replaceSync('html { font-size: 200% !important; }');
                 document.adoptedStyleSheets = [sheet];
                 for (const part of document.querySelectorAll('main details')) part.open = true;",
            )
            .await;
            let place = format!("{name} ({width} px)");
            wrong.extend(self.horizontal_overflow().await.map(|what| format!("{place}: scrolls sideways: {what}")));
            if self.script("return document.querySelector('main form') !== null").await == true {
                let broken = self.broken_words("main form").await;
                // An e-mail address may break where necessary.
                let words = broken.iter().filter(|word| !matches!(word.as_str(), "\"majorcities\"" | "\"eu\""));
                wrong.extend(words.map(|word| format!("{place}: breaks {word}")));
            }
            let cut = self
                .script(
                    "const cut = [];
                     const inner = (e, style) => e.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
                     for (const select of document.querySelectorAll('main select')) {
                         const style = getComputedStyle(select), ruler = document.createElement('span');
                         Object.assign(ruler.style, { font: style.font, letterSpacing: style.letterSpacing, position: 'absolute', whiteSpace: 'nowrap' });
                         ruler.textContent = select.options[0].text;
                         document.body.append(ruler);
                         const words = ruler.getBoundingClientRect().width;
                         ruler.remove();
                         if (words > inner(select, style)) cut.push(`${select.id}: ${words} > ${inner(select, style)}`);
                     }
                     for (const square of document.querySelectorAll('.figure a')) {
                         const box = square.getBoundingClientRect(), text = document.createRange();
                         text.selectNodeContents(square.querySelector('.figure-number'));
                         const number = text.getBoundingClientRect();
                         if (number.right > box.right || number.top < box.top) cut.push(`square ${square.textContent}`);
                     }
                     return cut;",
                )
                .await;
            let cut = cut.as_array().expect("a list").iter();
            wrong.extend(cut.map(|what| format!("{place}: cuts off {what}")));
        }
        self.script("document.adoptedStyleSheets = [];").await;
        wrong
    }

    /// Returns the words that begin on one line and end on another in this part of the page.
    pub async fn broken_words(&self, within: &str) -> Vec<String> {
        let broken = self
            .script(&format!(
                r"const broken = [], range = document.createRange();
                 const texts = document.createTreeWalker(document.querySelector('{within}'), NodeFilter.SHOW_TEXT);
                 while (texts.nextNode()) {{
                     const text = texts.currentNode;
                     const around = text.parentElement;
                     const seen = around.checkVisibility() && around.offsetWidth > 1 && !around.closest('[aria-hidden=true]');
                     for (const word of seen ? text.data.matchAll(/[\p{{L}}\p{{N}}]+/gu) : []) {{
                         range.setStart(text, word.index);
                         range.setEnd(text, word.index + word[0].length);
                         const lines = [...range.getClientRects()].map(line => Math.round(line.top));
                         if (new Set(lines).size > 1) broken.push(word[0]);
                     }}
                 }}
                 return broken;"
            ))
            .await;
        broken.as_array().expect("a list").iter().map(ToString::to_string).collect()
    }

    /// Returns how many sheets of paper the printed page has.
    pub async fn sheets(&self) -> usize {
        let printed = self.devtools("Page.printToPDF", json!({ "preferCSSPageSize": true })).await;
        let Value::String(printed) = &printed["data"] else { panic!("Chromium printed nothing") };
        let printed = data_encoding::BASE64.decode(printed.as_bytes()).expect("a document");
        let printed = String::from_utf8_lossy(&printed);
        printed.matches("/Type /Page").count() - printed.matches("/Type /Pages").count()
    }

    /// Opens a page with an empty cache and checks how many bytes it transfers, whether anything moves, and that it
    /// loads nothing from other hosts.
    pub async fn check_first_view(&self, path: &str) -> Vec<String> {
        self.devtools("Network.enable", json!({})).await;
        self.devtools("Network.clearBrowserCache", json!({})).await;
        self.opens(path).await;
        let seen = self
            .async_script(
                "const done = arguments[arguments.length - 1];
                 let shift = 0;
                 new PerformanceObserver(list => list.getEntries().forEach(entry => shift += entry.value))
                     .observe({ type: 'layout-shift', buffered: true });
                 document.fonts.ready.then(() => setTimeout(() => {
                     const all = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];
                     done({ shift, bytes: all.reduce((sum, one) => sum + one.transferSize, 0),
                            hosts: [...new Set(all.map(one => new URL(one.name).host))],
                            parts: all.map(one => `${one.name.split('/').pop()} ${one.transferSize}`) });
                 }, 300));",
            )
            .await;
        let mut wrong = Vec::new();
        let bytes = seen["bytes"].as_u64().unwrap_or_default();
        if bytes == 0 || bytes > MOST_BYTES {
            wrong.push(format!("{path}: {bytes} bytes for the first view: {}", seen["parts"]));
        }
        if seen["shift"].as_f64().is_none_or(|shift| shift > 0.0) {
            wrong.push(format!("{path}: layout shift of {}", seen["shift"]));
        }
        if seen["hosts"].as_array().is_none_or(|hosts| hosts.len() != 1) {
            wrong.push(format!("{path}: loads from {}", seen["hosts"]));
        }
        println!("{path}: {bytes} bytes");
        wrong
    }

    /// Takes a screenshot of the whole page.
    async fn takes_screenshot(&self, name: &str) {
        let size = self.devtools("Page.getLayoutMetrics", json!({})).await;
        let size = &size["cssContentSize"];
        let clip = json!({ "x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1 });
        let picture = self
            .devtools("Page.captureScreenshot", json!({ "format": "png", "captureBeyondViewport": true, "clip": clip }))
            .await;
        let folder = project().join("target/artefacts");
        fs::create_dir_all(&folder).expect("a folder for screenshots");
        let Value::String(picture) = &picture["data"] else { panic!("no screenshot of {name}") };
        let picture = data_encoding::BASE64.decode(picture.as_bytes()).expect("a picture");
        fs::write(folder.join(format!("{name}.png")), picture).expect("the screenshot can be written");
    }
}

fn project() -> PathBuf {
    env!("CARGO_MANIFEST_DIR").into()
}
