"""What other programs lay on the clipboard, and the Markdown that it becomes."""

WORD_LIST = """
<html xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:w="urn:schemas-microsoft-com:office:word">
<head><meta name=Generator content="Microsoft Word 15"><style><!-- p.MsoNormal {margin:0in;} --></style></head>
<body lang=EN-US><!--StartFragment-->
<p class=MsoNormal>The training\u00a0<b style='mso-bidi-font-weight:normal'>covers</b>:<o:p></o:p></p>
<p class=MsoListParagraphCxSpFirst style='text-indent:-.25in;mso-list:l0 level1 lfo1'><![if !supportLists]><span
style='font-family:Symbol'><span style='mso-list:Ignore'>\u00b7<span style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp;
</span></span></span><![endif]>Stress and
its signs<o:p></o:p></p>
<p class=MsoListParagraphCxSpMiddle style='margin-left:1.0in;mso-list:l0 level2 lfo1'><!--[if !supportLists]--><span
style='font-family:"Courier New"'><span style='mso-list:Ignore'>o<span>&nbsp;&nbsp; </span></span></span><!--[endif]-->
at work<o:p></o:p></p>
<p class=MsoListParagraphCxSpLast style='mso-list:l0 level1 lfo1'><span style='mso-list:Ignore'>\u00b7<span>&nbsp;
</span></span><i>Rest</i><o:p></o:p></p>
<p class=MsoListParagraph style='mso-list:l1 level1 lfo2'><span style='mso-list:Ignore'>3.<span>&nbsp;
</span></span>Three<o:p></o:p></p>
<p class=MsoListParagraph style='mso-list:l1 level2 lfo2'><span style='mso-list:Ignore'>a)<span>&nbsp;
</span></span>Three, first<o:p></o:p></p>
<p class=MsoListParagraph style='mso-list:l1 level1 lfo2'><span style='mso-list:Ignore'>4.<span>&nbsp;
</span></span>Four<o:p></o:p></p>
<p class=MsoNormal>After it.<o:p></o:p></p>
<!--EndFragment--></body></html>
"""

GOOGLE_DOCS = """
<meta charset='utf-8'><b style="font-weight:normal;" id="docs-internal-guid-1"><h2 dir="ltr"><span
style="font-weight:400;font-style:normal">Who it is for</span></h2><p dir="ltr"><span style="font-weight:400;
white-space:pre-wrap">Staff of </span><span style="font-weight:700;">group homes </span><span
style="font-weight:400;font-style:italic">and</span><span style="font-weight:700;font-style:italic"> schools</span><span
style="font-weight:400">; see </span><a href="https://example.org/a(b)"
style="text-decoration:none;"><span style="color:#1155cc">the manual</span></a><span>.</span></p><br><ul><li
dir="ltr" aria-level="1"><p dir="ltr" role="presentation"><span>one</span></p></li><ul><li aria-level="2"><p><span>one,
below</span></p></li></ul><li><p><span style="font-weight:700">two</span></p></li></ul></b><br>
"""

HTML = {
    "a list of Word's": (
        WORD_LIST,
        """
The training **covers**:

- Stress and its signs
  - at work
- *Rest*
3. Three
   1. Three, first
4. Four

After it.
""",
    ),
    "Google Docs": (
        GOOGLE_DOCS,
        """
## Who it is for

Staff of **group homes** *and* **_schools_**; see [the manual](https://example.org/a%28b%29).

- one
  - one, below
- **two**
""",
    ),
    "bullets that are typed": (
        """
<p>Before</p><p>•\tone</p><p>·&nbsp;&nbsp; two <b>more</b></p><p>o\tthree</p><p>§&nbsp; four</p><p>–\tfive</p>
<p>o que é</p><div>§ 5 stays<br>• six<br>• seven</div>
""",
        """
Before

- one
- two **more**
- three
- four
- five

o que é

§ 5 stays

- six
- seven
""",
    ),
    "lists in lists": (
        """
<p>Text</p><ul><li>one<ol start=9><li>nine<li><p>ten</p><p>more of it</p><ul><li>deep</ul></ol><li>two<br>lines</ul>
<p>Then</p><ul><ul><li>a<ul><li>b<ul><li>c<ul><li>d<ul><li>e</ul></ul></ul></ul></ul></ul><ol><li><ol><li>i</ol></ol>
""",
        """
Text

- one
  9. nine
  10. ten

      more of it

      - deep
- two\\
  lines

Then

- a
  - b
    - c
      - d
        - e
1. i
""",
    ),
    "a table": (
        """
<p>Doses</p><table><caption>By age</caption><tbody><tr><td><p><b>Age</b></p></td><td>Sessions | weeks</td><td>Where</td>
<tr><td rowspan=2>6–12</td><td><p>8</p><p>each week</p><td><ul><li>home<li>school</ul></tr><tr><td colspan=2>4
<tr><td></td><td> </td></tr></table>
<table><tr><td>Just <i>one</i> cell</td></tr></table>
""",
        """
Doses

By age

| **Age** | Sessions \\| weeks | Where |
| --- | --- | --- |
| 6–12 | 8 each week | • home • school |
|  | 4 |  |

Just *one* cell
""",
    ),
    "links": (
        """
<p><a href="javascript:alert(1)">script</a>, <a href="JAVASCRIPT:alert(1)"><b>bold</b></a>, <a href="/here">here</a>,
<a href="data:text/html,x">data</a>, <a href=" HTTPS://example.org/?a=1&amp;copy=2&amp;lt;">web [1]</a> ,
<a href="mailto:a@example.org">mail </a>us, <a href="https://example.org/x_y">https://example.org/x_y</a>,
<a href="https://example.org/"><img src="https://elsewhere.example/x.png"></a>
<a href="https://example.org/">a <b>b</b></a>
""",
        """
script, **bold**, here, data, [web \\[1\\]](HTTPS://example.org/?a=1&copy=2\\&lt;) , [mail](mailto:a@example.org) us, \
<https://example.org/x_y>, [a **b**](https://example.org/)
""",
    ),
    "headings and lines": (
        """
<style>p { color: red }</style><script>alert(1)</script><h1>First <b>one</b></h1><h3>Third<br>one</h3>
<p>One<br>
two<br><br>three<p hidden>No</p><p style="display: none">No</p><blockquote>said</blockquote><div>a<div>b</div>c</div>
<pre>code</pre><hr><p>&nbsp;</p>
""",
        """
# First one

### Third one

One\\
two

three

said

a

b

c

code
""",
    ),
    "words that mean something to Markdown": (
        """
<ul><li># 1</ul><p># one #2 C#</p><p>- 5</p><p>-5 +6</p><p>2024. A year</p><p>1) x<p>&gt; 5 &gt; 4</p><p>----</p>
<p>*p* &lt; .05, 5 * 3 and snake_case, _x_ and __init__</p><p>[x](y) [1] a\\b \\* `code` &amp;amp; AT&amp;T</p>
<p>&lt;b&gt; &lt;https://example.org&gt; !</p><p>| a | b |</p><p>+ 1<br>= 2<br>===</p>
""",
        """
- \\# 1

\\# one #2 C#

\\- 5

-5 +6

2024\\. A year

1\\) x

\\> 5 > 4

\\----

\\*p\\* < .05, 5 * 3 and snake_case, \\_x\\_ and \\_\\_init\\_\\_

[x\\](y) [1] a\\b \\\\\\* \\`code\\` \\&amp; AT&T

<b> \\<https://example.org> !

| a | b |

\\+ 1\\
= 2\\
\\===
""",
    ),
    "bold and italic": (
        """
<p><b>Note:</b>this, <b> spaces </b>and <b>two</b><b> in</b> one, un<i>believ</i>able <em>a</em><strong>b</strong>
<b>a <i>b</i></b> say<b>(what)</b>you <b></b><i> </i><b>line<br>two</b> <b style="font-weight: 400">light</b></p>
""",
        """
**Note**:this, **spaces** and **two in** one, un*believ*able _a_**b** **a _b_** say(**what**)you **line\\
two** light
""",
    ),
}

# HTML without anything that Markdown could keep, with the plain text beside it: pasted as ever.
PLAIN = {
    "one line of a page": ("<span>2 * 3 *x*</span>", "2 * 3 *x*"),
    "lines of code": (
        '<meta charset="utf-8"><div style="color: #000;white-space: pre;"><div><b># x</b></div><div>*y*</div></div>',
        "# x\n*y*",
    ),
    "Markdown": ("", "# Head\n\n- one\n- *two*"),
}

TEXTS = {
    "bullets": (
        "Before\nit\n•\tone\no\tbelow\n  goes on\n\no\tand\r\n•\ttwo\nAfter\nit",
        "Before\nit\n\n- one\n  - below goes on\n  - and\n- two\n\nAfter\nit",
    ),
    "indents": (
        "\uf0b7 one\n\t– below\n\t– and\n\uf0b7 two\n\n1. x\n2. y *z*\n•\n",
        "- one\n  - below\n  - and\n- two\n\n1. x\n2. y *z*\n•",
    ),
}
