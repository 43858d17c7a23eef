/** The style of the documents' page: readable in light and dark, without anything from elsewhere. */
export const docsStyle = `
:root {
  color-scheme: light dark;
  --page: #ffffff; --ink: #1c2430; --soft: #5b6675; --line: #dde3ea; --panel: #f5f7fa; --link: #1558b0;
  --get: #1a7f4b; --post: #1558b0; --put: #9a6700; --delete: #b3261e;
}
@media (prefers-color-scheme: dark) {
  :root:not([data-theme='light']) {
    --page: #14181e; --ink: #e4e9f0; --soft: #9aa6b5; --line: #2c343f; --panel: #1b2129; --link: #7db4ff;
    --get: #5fd39a; --post: #7db4ff; --put: #e3b341; --delete: #ff8a80;
  }
}
[data-theme='dark'] {
  color-scheme: dark;
  --page: #14181e; --ink: #e4e9f0; --soft: #9aa6b5; --line: #2c343f; --panel: #1b2129; --link: #7db4ff;
  --get: #5fd39a; --post: #7db4ff; --put: #e3b341; --delete: #ff8a80;
}
[data-theme='light'] { color-scheme: light; }
* { box-sizing: border-box; }
html { scroll-behavior: smooth; scroll-padding-top: 1rem; }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
.frame { display: grid; grid-template-columns: 17rem minmax(0, 60rem); gap: 2rem; max-width: 82rem; margin: 0 auto; padding: 0 1.5rem; }
nav { position: sticky; top: 0; max-height: 100vh; overflow: auto; padding: 1rem 0; font-size: 14px; }
nav ul { list-style: none; margin: 0; padding: 0; }
nav li { margin: 0; }
nav li a { display: inline-block; padding: .2rem 0; }
nav h2 { font-size: .8rem; letter-spacing: .04em; text-transform: uppercase; color: var(--soft); margin: 1.25rem 0 .25rem; }
main { padding: 1.5rem 0 6rem; min-width: 0; overflow-wrap: anywhere; }
a { color: var(--link); }
nav a, .brand { text-decoration: none; }
a:hover, a:focus-visible { text-decoration: underline; }
.top { display: flex; justify-content: space-between; align-items: center; gap: 1rem; padding: .45rem 1rem; border-bottom: 1px solid var(--line); }
.brand { font-size: 1.1rem; font-weight: 700; color: inherit; }
.brand span { font-weight: 400; color: var(--soft); }
h1 { font-size: 1.7rem; margin: 0 0 .5rem; }
h2 { font-size: 1.3rem; margin: 2.5rem 0 .5rem; }
h3 { font-size: .95rem; margin: 1rem 0 .25rem; }
p { margin: .25rem 0 .75rem; }
.soft { color: var(--soft); }
code, pre { font: 13px/1.45 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
pre { background: var(--panel); border: 1px solid var(--line); border-radius: 6px; padding: .6rem .8rem; overflow: auto; max-height: 26rem; margin: .25rem 0 .75rem; }
details.call { border: 1px solid var(--line); border-radius: 8px; margin: .5rem 0; }
details.call > summary { cursor: pointer; padding: .5rem .8rem; display: flex; gap: .75rem; align-items: baseline; flex-wrap: wrap; }
details.call[open] > summary { border-bottom: 1px solid var(--line); background: var(--panel); border-radius: 8px 8px 0 0; }
details.call > div { padding: .25rem .8rem .8rem; }
details.shape > summary { cursor: pointer; color: var(--soft); font-size: 13px; padding: .2rem 0; }
summary:focus-visible { outline: 2px solid var(--link); outline-offset: 1px; }
.verb { font-weight: 600; min-width: 3.6rem; }
.get { color: var(--get); } .post { color: var(--post); } .put, .patch { color: var(--put); } .delete { color: var(--delete); }
.path { overflow-wrap: anywhere; }
.what { color: var(--soft); flex: 1 1 14rem; }
.level { font-size: 12px; border: 1px solid var(--line); border-radius: 99px; padding: 0 .6rem; color: var(--soft); white-space: nowrap; }
table { border-collapse: collapse; width: 100%; margin: .25rem 0 .75rem; font-size: 14px; }
th, td { text-align: left; vertical-align: top; padding: .3rem .75rem .3rem 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
th { color: var(--soft); font-weight: 500; }
ul.plain { margin: .25rem 0 .75rem; padding-left: 1.2rem; }
@media (max-width: 60rem) {
  table { table-layout: fixed; }
  .frame { grid-template-columns: minmax(0, 1fr); gap: 0; padding: 0 1rem; }
  nav { position: static; max-height: 14rem; padding: .5rem 0 0; border-bottom: 1px solid var(--line); }
}
`
