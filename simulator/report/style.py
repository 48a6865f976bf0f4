"""The page's style sheet: one column for the screen, A4 for paper."""

from __future__ import annotations

CSS = """
:root { color-scheme: light; }
body { font: 16px/1.5 "DejaVu Sans", Verdana, "Segoe UI", Arial, sans-serif; color: #1a1a1a; background: #fff;
  max-width: 54rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin: 0; }
h2 { font-size: 1.15rem; margin: 2.2rem 0 .5rem; border-bottom: 1px solid #999; padding-bottom: .2rem; }
p { margin: .5rem 0; max-width: 46rem; }
.about { color: #333; margin-top: .2rem; }
.answer { font-size: 1.2rem; line-height: 1.45; margin: 1.2rem 0; padding: .8rem 1rem; max-width: none;
  border-left: .5rem solid #777; background: #f4f4f4; }
.enough { border-left-color: #0072b2; }
.not_enough { border-left: .5rem double #d55e00; }
.formula { font-style: italic; }
.note { font-size: .85rem; color: #444; }
table { border-collapse: collapse; font-size: .85rem; margin: .6rem 0; width: 100%; }
th, td { padding: .28rem .55rem; border-bottom: 1px solid #ccc; text-align: left; vertical-align: top; }
thead th { border-bottom: 2px solid #555; vertical-align: bottom; }
tbody th { font-weight: normal; }
.n { text-align: right; font-variant-numeric: tabular-nums; }
.scroll { overflow-x: auto; }
figure { margin: 1.2rem 0; }
figcaption { font-size: .9rem; font-weight: bold; margin-bottom: .3rem; }
figure svg { display: block; width: 100%; height: auto; }
code { font: .85rem "DejaVu Sans Mono", Consolas, monospace; overflow-wrap: anywhere; }
li { margin: .2rem 0; }
@page { size: A4; margin: 16mm 15mm; }
@media print {
  body { font-size: 10pt; margin: 0; padding: 0; max-width: none; print-color-adjust: exact;
    -webkit-print-color-adjust: exact; }
  .scroll { overflow: visible; }
  table { font-size: 8pt; }
  th, td { padding: .2rem .35rem; }
  h2 { margin-top: 1.4rem; }
  figure, tr, .answer { break-inside: avoid; }
  h2, figcaption, .lead { break-after: avoid; }
  thead { display: table-header-group; }
}
"""
