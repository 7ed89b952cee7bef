"""Web pages for tests, made after the ways of Korean and English policy sites.

Each is (page, wanted, unwanted): lines of its own text in order, a heading written with # and a
table's cells with |, and what of the page around it must not come along.
"""
# ruff: noqa: E501 (a page reads best in lines of its own length)

_FILL = "정부는 동맹의 비용을 해마다 늘려 왔으며 올해도 늘릴 것으로 예상된다."
_EN = "The ministry has raised the budget every year and is expected to raise it again."
_MENU = "<ul>" + "".join(f'<li><a href="/m{n}">메뉴 항목 {n}</a></li>' for n in range(12)) + "</ul>"

MINISTRY = (
    f"""<!DOCTYPE html><html lang="ko"><head><meta charset="utf-8"><title>보도자료 상세 | 외교부</title>
<meta property="og:title" content="한미 방위비분담 협상 결과"><script>var a="스크립트";</script></head>
<body><div id="skip"><a href="#content">본문 바로가기</a></div>
<header id="header"><div class="logo">외교부</div><nav id="gnb">{_MENU}</nav></header>
<div id="wrap"><div id="lnb"><h2>알림·소식</h2>{_MENU}</div>
<div id="content"><div class="location">홈 &gt; 알림·소식 &gt; 보도자료</div><h3>보도자료</h3>
<div class="board_view"><h4>한미 방위비분담 협상 결과</h4>
<ul class="info"><li>등록일 2024-10-04</li><li>담당부서 북미국</li></ul>
<div class="view_cont"><p>□ 한미 양국은 10월 4일 협상을 타결하였다.</p><p>&nbsp;</p>
<p>○ {_FILL}</p><p>{_FILL}<br><br>○ 증가율은 8.3%이다.</p>
<p class="title">표 1. 연도별 분담금</p><table class="tbl"><caption class="blind">연도별 분담금 표</caption>
<thead><tr><th>구분</th><th>2025년</th><th>2026년</th></tr></thead>
<tbody><tr><td>분담금</td><td>1조 4,028억 원</td><td>1조 5,192억 원</td></tr></tbody></table>
<p style="display:none">숨은 문장이다.</p></div>
<div class="btn_area"><a href="/list">목록</a></div></div>
<div class="satisfaction"><p>이 페이지에서 제공하는 정보에 만족하십니까?</p></div></div></div>
<footer><p>(03172) 서울특별시 종로구 사직로8길 60</p></footer>
<div class="cookie-consent">쿠키 사용에 동의합니다.</div></body></html>""",
    [
        "#한미 방위비분담 협상 결과",
        "□ 한미 양국은 10월 4일 협상을 타결하였다.",
        f"○ {_FILL}",
        _FILL,
        "○ 증가율은 8.3%이다.",
        "표 1. 연도별 분담금",
        "|구분|2025년|2026년|분담금|1조 4,028억 원|1조 5,192억 원",
    ],
    ["메뉴 항목", "본문 바로가기", "만족", "쿠키", "종로구", "스크립트", "숨은 문장", "목록"],
)

OLD = (
    f"""<html><head><meta http-equiv="Content-Type" content="text/html; charset=euc-kr">
<title>정책연구 - 연구원</title></head><body bgcolor="#ffffff"><table width="900" border="0"><tr>
<td colspan="2"><table><tr><td><a href="/">홈</a></td><td><a href="/a">연구원 소개</a></td>
<td><a href="/b">연구 사업</a></td><td><a href="/c">발간 자료</a></td></tr></table></td></tr><tr>
<td width="150" class="left_menu">{_MENU}</td><td width="750"><table width="100%"><tr><td>
<b><font size="4">해상 안보의 과제</font></b></td></tr><tr><td>작성일: 2009.07.21</td></tr><tr><td>
<font size="2">{_FILL}<br><br>{_FILL} 통행료는 12% 올랐다.<br>
<table border="1"><tr><td rowspan="2">구분</td><td colspan="2">척수</td></tr><tr><td>2008</td><td>2009</td></tr>
<tr><td>호위함</td><td>9척</td><td>12척</td></tr></table></font></td></tr></table></td></tr>
<tr><td colspan="2" align="center" class="copyright">Copyright 연구원. All rights reserved.</td></tr></table></body></html>""",
    [
        "해상 안보의 과제",
        _FILL,
        f"{_FILL} 통행료는 12% 올랐다.",
        "|구분|척수|2008|2009|호위함|9척|12척",
    ],
    ["메뉴 항목", "연구원 소개", "Copyright"],
)

THINK_TANK = (
    f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Paying for Alliances — Institute</title>
<meta property="article:published_time" content="2024-05-17T09:00:00Z"></head><body>
<header class="site-header"><nav><a href="/">Home</a> <a href="/topics">Topics</a></nav></header>
<main><article><header><h1>Paying for Alliances</h1><p class="byline">Joan Miller</p></header>
<div class="share-buttons"><a href="#">Share on X</a></div>
<p>{_EN} Costs rose by 8.3%.<sup><a href="#fn1" id="fnref1">1</a></sup></p>
<h2>What it costs</h2><p>{_EN}</p><ul><li>First, the bases.</li><li>Second, the fleet.</li></ul>
<blockquote>“Allies must pay,” he said.</blockquote>
<figure><table><tr><th></th><th>2023</th><th>2024</th></tr><tr><th>Korea</th><td>$10bn</td><td>$12bn</td></tr></table>
<figcaption>Source: the ministry.</figcaption></figure>
<aside class="related"><h3>Related</h3><a href="/x">Another story</a></aside>
<h2>Outlook</h2><p>{_EN}</p><section class="footnotes"><ol><li id="fn1">Ministry of Defence, 2024.
<a href="#fnref1">↩</a></li></ol></section></article></main>
<aside class="sidebar"><p>Subscribe to our newsletter.</p></aside>
<footer>© Institute. Privacy policy.</footer></body></html>""",
    [
        "#Paying for Alliances",
        f"{_EN} Costs rose by 8.3%.",
        "#What it costs",
        _EN,
        "First, the bases.",
        "Second, the fleet.",
        "“Allies must pay,” he said.",
        "|2023|2024|Korea|$10bn|$12bn",
        "Source: the ministry.",
        "#Outlook",
        _EN,
        "Ministry of Defence, 2024.",
    ],
    ["Share on X", "Another story", "newsletter", "Privacy", "Topics"],
)

EXPORTED = (
    f"""<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><meta charset="utf-8">
<title>보고서</title><style>p.MsoNormal {{margin:0}}</style></head><body lang=KO>
<div class=WordSection1><h1><span>제1장</span> <span>서론</span></h1>
<p class=MsoNormal><span>{_FILL}<a href="#_ftn1" name="_ftnref1"><span>[1]</span></a></span></p>
<h2>1. 배경</h2><p class=MsoNormal>{_FILL}</p></div><hr><div><div id=ftn1><p class=MsoFootnoteText>
<a href="#_ftnref1" name="_ftn1">[1]</a> 국방부, 『국방백서』.</p></div></div></body></html>""",
    ["#제1장 서론", _FILL, "#1. 배경", _FILL, "국방부, 『국방백서』."],
    ["[1]", "margin"],
)

NEWS = (
    f"""<!doctype html><html lang="ko"><head><meta charset="utf-8"><title>호르무즈 통행료 논란 - 한국일보</title></head>
<body><div class="gnb">{_MENU}</div><div class="container"><div class="article_head"><h1>호르무즈 통행료 논란</h1>
<p class="date">입력 2024.06.01 10:00</p></div><div class="sns_share"><a href="#">공유하기</a></div>
<div id="articleBody" class="article-body"><p>{_FILL}</p><p>국회는 “통행료는 불법”이라고 밝혔다.</p>
<div class="ad-box">광고 문구이다.</div><p>{_FILL}</p></div>
<div class="related_news"><h3>관련 기사</h3>{_MENU}</div><div id="comments"><p>댓글: 동의합니다.</p></div>
<div class="right_sidebar"><h3>많이 본 뉴스</h3>{_MENU}</div></div><div class="footer">사업자 등록번호</div></body></html>""",
    ["#호르무즈 통행료 논란", _FILL, "국회는 “통행료는 불법”이라고 밝혔다.", _FILL],
    ["메뉴 항목", "공유", "광고", "관련 기사", "댓글", "많이 본", "사업자"],
)

PAGES = {
    "ministry": MINISTRY,
    "old": OLD,
    "think tank": THINK_TANK,
    "exported": EXPORTED,
    "news": NEWS,
}
