//! Makes `static/` ready to be served: the CSS files become two (`site.css` for everybody, `desk.css` for the desk and the
//! editors), the web app manifest names its icons as they are served, every file gets its content's hash into its name, and text is compressed once, at the best level. What comes out
//! is a table in Rust that `src/web/static_files.rs` includes, so the program carries its files within itself.
//! The file also watches `migrations`, which sqlx embeds without telling cargo.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use sha2::{Digest, Sha256};

/// One file as it will be served.
struct Asset {
    /// Its name in templates and style sheets: `site.css`, `fonts/atkinson-latin.woff2`.
    name: String,
    /// Its name at the address: the same with the hash of what is in it.
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
            _ => return None, // licences and notes stand beside the files and are not served
        };
        let hash = data_encoding::HEXLOWER.encode(&Sha256::digest(&content)[..8]);
        let served = format!("{stem}.{hash}.{extension}");
        Some(Self { name, served, content_type, content, is_text })
    }

    /// `SITE_CSS` for `site.css`: what templates call it by, so that a wrong name does not compile.
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

/// The files of a folder in the order of their names; none if there is no such folder.
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

/// All style sheets of a folder as one: `layers.css` first, the others by name (the layers decide who wins, not the order);
/// without comments and needless space; with the served names of fonts and pictures.
fn style_sheet(folder: &Path, assets: &[Asset]) -> io::Result<String> {
    let mut sheets = files(folder)?;
    sheets.sort_by_key(|path| file_name(path) != "layers.css");
    let mut whole = String::new();
    for sheet in sheets.iter().filter(|path| path.extension().is_some_and(|extension| extension == "css")) {
        whole.push_str(&fs::read_to_string(sheet)?);
    }
    with_served_names(squeezed(&whole), assets, "url(\"../")
}

/// The text with the served names of the files that it refers to; `before` is what stands before their own names.
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

/// CSS without comments and without the space that only people need. What stands in quotes is left alone.
fn squeezed(css: &str) -> String {
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

/// The table in Rust, and beside it the files it includes.
fn table(out: &Path, assets: &[Asset]) -> io::Result<String> {
    let mut constants = String::new();
    let mut rows = String::new();
    for (number, asset) in assets.iter().enumerate() {
        let plain = keep(out, &format!("{number}.plain"), &asset.content)?;
        let (brotli, gzip) = if asset.is_text {
            (
                keep(out, &format!("{number}.br"), &brotli(&asset.content)?)?,
                keep(out, &format!("{number}.gz"), &gzip(&asset.content)?)?,
            )
        } else {
            (plain.clone(), plain.clone())
        };
        writeln!(
            constants,
            "/// `static/{}`\n#[allow(dead_code, reason = \"some are named by style sheets only\")]\npub const {}: &str = \"/static/{}\";",
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

/// Writes the bytes beside the table and says how the table includes them.
fn keep(out: &Path, name: &str, content: &[u8]) -> io::Result<String> {
    fs::write(out.join(name), content)?;
    Ok(format!("include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{name}\"))"))
}

fn brotli(content: &[u8]) -> io::Result<Vec<u8>> {
    let mut packed = Vec::new();
    let parameters =
        brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, size_hint: content.len(), ..Default::default() };
    brotli::BrotliCompress(&mut &content[..], &mut packed, &parameters)?;
    Ok(packed)
}

fn gzip(content: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(content)?;
    encoder.finish()
}
