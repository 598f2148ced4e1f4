/** The style of every page; its digest is in the content security policy. */
export const styleSheet = `
:root{--bg:#f6f7f8;--card:#fff;--ink:#1b2026;--muted:#59636e;--line:#dde1e5;--pass:#15744a;--fail:#b92d25;
--open:#8a5a00;--none:#606b76;--mark:#2563c9;--band:#2563c92e;--chip:#eef1f4}
@media (prefers-color-scheme:dark){:root{--bg:#111418;--card:#191e24;--ink:#e8ecf0;--muted:#9aa6b2;--line:#2c343c;
--pass:#4cc38a;--fail:#ff7a70;--open:#e0a83c;--none:#97a3af;--mark:#76a9ff;--band:#76a9ff33;--chip:#242b33}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif}
header,main{max-width:76rem;margin:0 auto;padding:0 1.25rem}
header{padding-top:1rem}
header a{color:var(--muted);text-decoration:none;font-weight:600}
a{color:var(--mark)}
a:focus-visible,summary:focus-visible{outline:2px solid var(--mark);outline-offset:2px}
h1{font-size:1.5rem;line-height:1.25;margin:.5rem 0 .25rem;overflow-wrap:anywhere}
h2{font-size:1.1rem;margin:0 0 .5rem;overflow-wrap:anywhere}
h3{font-size:.85rem;margin:0 0 .25rem;color:var(--muted);font-weight:600}
section{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:1rem 1.25rem;margin:1rem 0}
p{margin:.25rem 0 .5rem;overflow-wrap:anywhere}
.muted{color:var(--muted)}
.facts{display:flex;flex-wrap:wrap;gap:.25rem 1.5rem;margin:.5rem 0 0;padding:0;list-style:none;color:var(--muted)}
.facts b{color:var(--ink);font-weight:600}
.badge{display:inline-block;padding:.05rem .6rem;border-radius:999px;border:1.5px solid currentColor;font-weight:600;font-size:.85rem;white-space:nowrap}
.pass{color:var(--pass)}.fail{color:var(--fail)}.inconclusive{color:var(--open)}.no-data{color:var(--none)}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(26rem,100%),1fr));gap:1rem 1.5rem;margin-top:.75rem}
figure{margin:0}
svg{display:block;width:100%;height:auto;overflow:visible}
svg text{font:12px system-ui,-apple-system,"Segoe UI",sans-serif;fill:var(--muted)}
svg .of-pass{fill:var(--pass)}svg .of-fail{fill:var(--fail)}svg .of-limit{fill:var(--ink)}
.axis{stroke:var(--line);stroke-width:1}
.zero{stroke:var(--muted);stroke-width:1;opacity:.6}
.boundary{stroke-width:1.5;stroke-dasharray:6 4;fill:none}
.boundary.up,.line.up{stroke:var(--pass)}.boundary.down,.line.down{stroke:var(--fail)}
.boundary.limit{stroke:var(--ink)}
.line{fill:none;stroke-width:2.25;stroke-linejoin:round;stroke-linecap:round}
.line.mark{stroke:var(--mark)}
.band{fill:var(--band);stroke:none}
.dot{fill:var(--mark)}.dot.up{fill:var(--pass)}.dot.down{fill:var(--fail)}
.whisker{stroke:var(--mark);stroke-width:1.5}
.call{stroke:var(--card);stroke-width:1}
.call.opened{fill:var(--pass)}.call.held{fill:var(--open)}.call.failed{fill:var(--fail)}.call.told{fill:var(--none)}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
caption{text-align:left;color:var(--muted);padding:0 0 .35rem}
th,td{text-align:left;padding:.35rem .9rem .35rem 0;border-top:1px solid var(--line);vertical-align:top}
thead th{border-top:0;color:var(--muted);font-weight:600;font-size:.85rem;white-space:nowrap}
td.number,th.number{text-align:right}
td{white-space:nowrap}
td.said{white-space:normal;overflow-wrap:anywhere;min-width:16rem}
td.name{white-space:normal;overflow-wrap:anywhere;min-width:7rem}
code{font:.9em ui-monospace,SFMono-Regular,Menlo,monospace;background:var(--chip);padding:.05rem .3rem;border-radius:4px;overflow-wrap:anywhere}
details{margin-top:.75rem}
summary{cursor:pointer;color:var(--muted)}
`
