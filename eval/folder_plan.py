"""Which text stands in the test folder, where, in which format and how it is set."""

import unicodedata
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """A document of the folder; `suffix` of its path may lie, `format` says what it is."""

    path: str
    source: str
    maker: str
    style: str

    @property
    def format(self) -> str:
        """What the bytes are, whatever the name says."""
        return FORMATS[self.maker]


FORMATS = {
    "typeset": "pdf",
    "embedded": "pdf",
    "printed": "pdf",
    "scanned": "pdf",
    "docx": "docx",
    "web": "html",
    "markdown": "md",
    "text": "txt",
    "hwpx": "hwpx",
}

ROWS = """
01 보도자료/보도자료_폭염 대응 그늘길 사업.pdf | heat printed press
01 보도자료/보도자료_폭염 대응 그늘길 사업.hwpx | heat hwpx plain
01 보도자료/260311 감염병 대응체계 개편(최종).pdf | epidemic printed press
01 보도자료/디지털 정책 개편 방안.hwpx | digital hwpx boxed
01 보도자료/NFD:학교 통폐합 설명자료.hwpx | schools hwpx plain
02 연구보고서/트럼프 2기 안보정책.pdf | brief typeset report
02 연구보고서/트럼프 2기 안보정책.hwpx | brief hwpx sections
02 연구보고서/병력구조 개편과 징병제.pdf | conscript printed columns
02 연구보고서/NFD:위성 산업 육성 전략.pdf | satellite typeset journal
02 연구보고서/공공 인공지능 조달 이슈브리프.pdf | procure typeset journal
02 연구보고서/수소 백서 제3장.pdf | hydrogen printed report
02 연구보고서/도시 침수 이슈브리프 (표지 포함).pdf | flood typeset report
02 연구보고서/해저케이블 보호.pdf | cable printed columns
02 연구보고서/반도체 인력과 공급망.pdf | chips printed report
02 연구보고서/물 관리 정책.pdf | water typeset report
02 연구보고서/사이버 안보 체계.pdf | cyber typeset plain
02 연구보고서/저수지 관리 실태.pdf | reservoir embedded a4
02 연구보고서/동맹 현안 검토.docx | alliance docx styled
02 연구보고서/동맹 현안 검토 (인쇄본).pdf | alliance typeset plain
02 연구보고서/공공병원 확충.hwpx | hospital hwpx sections
02 연구보고서/보훈 의료 개선_수정이력.docx | veterans docx tracked
03 회의록과 연설/빈집 정비 협의회 회의록.hwpx | vacant hwpx sections
03 회의록과 연설/스캔/빈집 회의록 스캔본.pdf | vacant scanned plain
03 회의록과 연설/스캔/어촌의 날 기념사.pdf | address scanned plain
03 회의록과 연설/공동성명_한들해.docx | accord docx styled
03 회의록과 연설/상수도 질의답변서.docx | waterworks docx tracked
04 통계/연안 여객 통계속보 2031.pdf | ferries embedded a4
04 통계/돌봄 시간 조사 결과.hwpx | care hwpx boxed
05 누리집 저장/청년 주거 바우처 자주 묻는 질문.html | voucher web euc-kr
05 누리집 저장/선거 제도 개편.html | election web site
05 누리집 저장/tourism.htm | tourism web euc-kr
05 누리집 저장/반도체 대책(문자셋 없음).html | semicon web cp949
06 받은 파일/산불 대응.txt | forest text cp949
06 받은 파일/평화유지 활동\\n(재전송).txt | peacekeeping text wrapped
06 받은 파일/해양경비\u200f 보고.docx | coastguard docx bare
06 받은 파일/군 재정 자립.md | county markdown front
06 받은 파일/브리프 사본.md | brief markdown bom
06 받은 파일/확장자 오류/공동성명 사본.pdf | accord docx styled
06 받은 파일/확장자 오류/soil-brief.docx | soil typeset brief
06 받은 파일/확장자 오류/broadband page.txt | broadband web divs
Briefs/battery-passports.pdf | battery typeset review
Briefs/Essential medicines - policy paper.pdf | medicines printed letter
Briefs/soil carbon brief.pdf | soil typeset brief
Briefs/pension.pdf | pension printed letter
Briefs/drone procurement (committee).pdf | drone typeset review
Briefs/labour migration.pdf | migration typeset brief
Briefs/cross-border treaty.pdf | treaty printed columns
Briefs/housing.pdf | housing typeset journal
Briefs/sanctions/sanctions-review.pdf | sanctions typeset report
Briefs/export-controls.pdf | export embedded letter
Briefs/skills white paper ch2.docx | skills docx styled
Briefs/strait.docx | strait docx styled
Briefs/critical minerals (no styles).docx | minerals docx bare
Briefs/fisheries_tracked.docx | fisheries docx tracked
Briefs/port.docx | port docx styled
Statistics/rail freight bulletin.pdf | freight embedded letter
Statistics/tariff-notice-scan-ocr.pdf | tariff scanned review+layer
Statistics/scans/customs Q&A.pdf | customs scanned plain
Minutes and statements/airports liaison minutes.docx | airports docx tracked
Minutes and statements/compact.md | compact markdown front
Minutes and statements/patrol-speech.txt | patrol text utf-16
Web/wetland.html | wetland web site
Web/broadband-faq.html | broadband web divs
Web/grid.html | grid web site
Web/arctic.html | arctic web divs
Web/railway.htm | railway web bare
Notes/missile.txt | missile text plain
Notes/university.md | university markdown bare
Notes/night-work.md | night markdown front
Notes/relief.txt | relief text bom
"""

EDITED = (
    "Briefs/skills white paper ch2.docx",
    "02 연구보고서/도시 침수 이슈브리프 (표지 포함).pdf",
    "Web/wetland.html",
)
REPLACED = ("Briefs/strait.docx", Entry("Briefs/strait.html", "strait", "web", "site"))
DELETED = "Notes/missile.txt"


def plan() -> list[Entry]:
    """Every document of the folder in the order it is written."""
    entries = []
    for row in ROWS.strip().splitlines():
        path, how = row.split(" | ")
        source, maker, style = how.split()
        entries.append(Entry(_named(path), source, maker, style))
    return entries


def _named(path: str) -> str:
    """NFC, or NFD after a mark, as a Mac writes names; an `n` after a backslash is a line end."""
    folder, _, name = path.replace("\\n", "\n").rpartition("/")
    form = "NFD" if name.startswith("NFD:") else "NFC"
    folder = unicodedata.normalize("NFC", folder)
    return f"{folder}/{unicodedata.normalize(form, name.removeprefix('NFD:'))}"  # type: ignore[arg-type]
