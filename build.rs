//! Prepares `static/` for serving:
//!
//! - It joins the CSS files into two: `site.css` for all pages, `desk.css` for the desk and the editors.
//! - It adds a hash of the content to every file name, also where style sheets and the web app manifest refer to files.
//! - It compresses text files once, at the best level.
//! - It writes a table in Rust, which `src/web/static_files.rs` includes, so that the program contains all its files.
//!
//! It also makes cargo rebuild when `migrations` changes, because sqlx embeds that folder without telling cargo.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use sha2::{Digest, Sha256};

/// A file as it will be served.
struct Asset {
    /// Its name in templates and style sheets: `site.css`, `fonts/atkinson-latin.woff2`.
    name: String,
    /// Its name in addresses, which includes a hash of its content.
    served: String,
    content_type: &'static str,
    content: Vec<u8>,
    is_text: bool,
}

impl Asset {
    fn new(name: String, content: Vec<u8>) -> Option<Self> {
        let (stem, extension) = name.rsplit_once('.')?;
        let (content_type, is_text) = match extension {
            "css" => ("text/css; charset=utf-8", true),
            "js" => ("text/javascript; charset=utf-8", true),
            "svg" => ("image/svg+xml", true),
            "webmanifest" => ("application/manifest+json", true),
            "png" => ("image/png", false),
            "ico" => ("image/x-icon", false),
            "woff2" => ("font/woff2", false),
            _ => return None, // licences and notes, which are not served
        };
        let hash = data_encoding::HEXLOWER.encode(&Sha256::digest(&content)[..8]);
        let served = format!("{stem}.{hash}.{extension}");
        Some(Self { name, served, content_type, content, is_text })
    }

    /// Returns the constant by which templates refer to the file, such as `SITE_CSS` for `site.css`. A wrong name does
    /// not compile.
    fn constant(&self) -> String {
        self.name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect()
    }
}

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=static");
    println!("cargo::rerun-if-changed=migrations");

    let root = Path::new("static");
    let mut assets = Vec::new();
    for folder in ["fonts", "images", "js"] {
        for file in files(&root.join(folder))? {
            assets.extend(Asset::new(format!("{folder}/{}", file_name(&file)), fs::read(&file)?));
        }
    }
    for (name, folder) in [("site.css", "css"), ("desk.css", "css/desk")] {
        let css = style_sheet(&root.join(folder), &assets)?;
        assets.extend(Asset::new(name.to_owned(), css.into_bytes()));
    }
    let manifest = fs::read_to_string(root.join("site.webmanifest"))?;
    let manifest = with_served_names(manifest, &assets, "\"")?;
    assets.extend(Asset::new("site.webmanifest".to_owned(), manifest.into_bytes()));

    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR for build scripts"));
    fs::write(out.join("static_files.rs"), table(&out, &assets)?)
}

/// Returns the files in a folder, sorted by name. Returns none if the folder does not exist.
fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut files =
        fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>()?;
    files.retain(|path| path.is_file());
    files.sort();
    Ok(files)
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Joins the style sheets of a folder: `layers.css` first, then the others by name, because the layers and not the
/// order of files decide which rule wins. Removes comments and unneeded white space, and inserts the served names of
/// fonts and pictures.
fn style_sheet(folder: &Path, assets: &[Asset]) -> io::Result<String> {
    let mut sheets = files(folder)?;
    sheets.sort_by_key(|path| file_name(path) != "layers.css");
    let mut whole = String::new();
    for sheet in sheets.iter().filter(|path| path.extension().is_some_and(|extension| extension == "css")) {
        whole.push_str(&fs::read_to_string(sheet)?);
    }
    with_served_names(minify(&whole), assets, "url(\"../")
}

/// Replaces the names of files in the text with their served names. `before` is the text that precedes each name.
fn with_served_names(mut text: String, assets: &[Asset], before: &str) -> io::Result<String> {
    let served_before = format!("{}/static/", before.trim_end_matches("../"));
    for asset in assets {
        let (own, served) = (format!("{before}{}\"", asset.name), format!("{served_before}{}\"", asset.served));
        text = text.replace(&own, &served);
    }
    let missing = text.split(before).skip(1).find(|rest| rest.starts_with("images/") || rest.starts_with("fonts/"));
    match missing.and_then(|rest| rest.split('"').next()) {
        Some(name) => Err(io::Error::other(format!("there is no static/{name}"))),
        None => Ok(text),
    }
}

/// Removes comments and unneeded white space from CSS. Text in quotes does not change. lightningcss would do the same, but
/// it has no stable release, adds 26 crates that compile for 40 seconds, and saves 1% of the compressed bytes.
fn minify(css: &str) -> String {
    let mut out = String::with_capacity(css.len());
    let mut rest = css.chars().peekable();
    let mut quote = None;
    while let Some(c) = rest.next() {
        if let Some(open) = quote {
            out.push(c);
            if c == open {
                quote = None;
            }
            continue;
        }
        match c {
            '"' | '\'' => {
                quote = Some(c);
                out.push(c);
            }
            '/' if rest.peek() == Some(&'*') => {
                let mut last = ' ';
                rest.next();
                for inner in rest.by_ref() {
                    if last == '*' && inner == '/' {
                        break;
                    }
                    last = inner;
                }
            }
            c if c.is_whitespace() => {
                if !out.ends_with([' ', '{', '}', ';', ',', ':']) {
                    out.push(' ');
                }
            }
            '{' | '}' | ';' | ',' => {
                if out.ends_with(' ') || (c == '}' && out.ends_with(';')) {
                    out.pop();
                }
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

/// Returns the table in Rust, and writes the files that it includes.
fn table(out: &Path, assets: &[Asset]) -> io::Result<String> {
    let mut constants = String::new();
    let mut rows = String::new();
    for (number, asset) in assets.iter().enumerate() {
        let plain = write_part(out, &format!("{number}.plain"), &asset.content)?;
        let (brotli, gzip) = if asset.is_text {
            (
                write_part(out, &format!("{number}.br"), &brotli(&asset.content)?)?,
                write_part(out, &format!("{number}.gz"), &gzip(&asset.content)?)?,
            )
        } else {
            (plain.clone(), plain.clone())
        };
        writeln!(
            constants,
            "/// `static/{}`\n#[allow(dead_code, reason = \"only style sheets use some of them\")]\npub const {}: &str = \"/static/{}\";",
            asset.name,
            asset.constant(),
            asset.served
        )
        .map_err(io::Error::other)?;
        writeln!(
            rows,
            "    StaticFile {{ path: \"/static/{}\", content_type: \"{}\", compressed: {}, plain: {plain}, brotli: {brotli}, gzip: {gzip} }},",
            asset.served, asset.content_type, asset.is_text
        )
        .map_err(io::Error::other)?;
    }
    Ok(format!("{constants}\n/// Every file of `static/`.\nconst FILES: &[StaticFile] = &[\n{rows}];\n"))
}

/// Writes the bytes to a file beside the table, and returns the expression that includes the file.
fn write_part(out: &Path, name: &str, content: &[u8]) -> io::Result<String> {
    fs::write(out.join(name), content)?;
    Ok(format!("include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{name}\"))"))
}

fn brotli(content: &[u8]) -> io::Result<Vec<u8>> {
    let mut compressed = Vec::new();
    let parameters =
        brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, size_hint: content.len(), ..Default::default() };
    brotli::BrotliCompress(&mut &content[..], &mut compressed, &parameters)?;
    Ok(compressed)
}

fn gzip(content: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(content)?;
    encoder.finish()
}
