"""What people write for the words of the policy: English, dialect and network words.

The normaliser folds these into the plain words that the training examples use, so that
one example serves every way of saying it. Longer entries are replaced before shorter ones.
"""

from __future__ import annotations

#: English words (lower case) of questions in mixed language.
ENGLISH: dict[str, str] = {
    "lead unit": "牵头单位", "leading unit": "牵头单位", "lead department": "牵头单位",
    "leading department": "牵头单位", "lead agency": "牵头单位", "in charge of": "负责",
    "in charge": "负责", "responsible": "负责", "owner": "牵头单位", "leader": "牵头单位", "lead": "牵头",
    "supporting units": "配合单位", "supporting unit": "配合单位", "support": "支持",
    "action plan": "工作方案", "work plan": "工作方案", "plan": "方案", "scheme": "方案",
    "full name": "全称", "title": "名称", "name": "名字",
    "document number": "文号", "doc number": "文号", "document no": "文号", "number": "号码",
    "documents": "文件", "document": "文件", "docs": "文件", "doc": "文件", "files": "文件", "file": "文件",
    "official": "正式", "notice": "通知", "guideline": "指导意见", "guidelines": "指导意见",
    "guidance": "指导意见", "interpretation": "政策解读", "policy": "政策", "contents": "内容",
    "content": "内容", "details": "具体内容", "detail": "具体内容", "summary": "主要内容",
    "issued by": "谁印发", "issued": "印发", "issue": "印发", "published": "发布", "publish": "发布",
    "release date": "发布日期", "released": "发布", "release": "发布", "effective": "有效",
    "expired": "过期", "expire": "过期", "expiry": "有效期", "valid": "有效", "validity": "有效期",
    "deadline": "截止时间", "ddl": "截止时间", "due date": "截止时间", "schedule": "时间安排",
    "timeline": "时间线", "time": "时间", "date": "日期", "when": "什么时候", "month": "月", "year": "年",
    "background": "背景", "basis": "依据", "purpose": "目的", "reasons": "理由", "reason": "理由",
    "goals": "目标", "goal": "目标", "targets": "目标", "target": "目标", "kpi": "考核指标",
    "first draft": "初稿", "final version": "定稿", "final draft": "定稿", "final": "最终", "drafts": "稿",
    "drafted": "起草", "draft": "起草", "drafter": "起草单位", "version": "版本", "revision": "调整",
    "revise": "修改", "revised": "修改", "review": "审查", "reviewed": "审查", "legal": "法制",
    "survey": "调研", "research": "调研", "interview": "座谈", "meetings": "座谈会", "meeting": "座谈会",
    "stages": "阶段", "stage": "阶段", "phases": "阶段", "phase": "阶段", "steps": "步骤", "step": "步骤",
    "process": "过程", "procedure": "程序",
    "feedbacks": "意见", "feedback": "意见", "opinions": "意见", "opinion": "意见", "comments": "意见",
    "comment": "意见", "suggestions": "建议", "suggestion": "建议", "proposals": "建议",
    "proposal": "建议", "propose": "建议", "proposed": "建议", "consulted": "征求意见", "consult": "征求意见",
    "consultation": "征求意见", "stakeholders": "被征求意见的单位", "rejected": "未采纳", "reject": "未采纳",
    "declined": "未采纳", "turned down": "未采纳", "accepted": "采纳", "accept": "采纳",
    "adopted": "采纳", "adopt": "采纳", "approved": "批准", "approve": "批准", "approval": "批准",
    "departments": "部门", "department": "部门", "units": "单位", "unit": "单位", "bureau": "局",
    "organizations": "单位", "organization": "单位", "agency": "机关", "agencies": "机关",
    "companies": "公司", "company": "公司", "telecom": "通信", "carriers": "运营商", "operators": "运营商",
    "operator": "运营商", "vendors": "供应商", "vendor": "供应商", "supplier": "供应商", "bidding": "招标",
    "bid": "投标", "tender": "招标", "contract": "合同", "budget": "预算", "funding": "资金", "fund": "资金",
    "money": "资金", "cost": "花多少钱", "investment": "投资", "subsidy": "补贴",
    "key tasks": "重点任务", "key task": "重点任务", "tasks": "任务", "task": "任务", "projects": "项目",
    "project": "项目", "systems": "系统", "system": "系统", "aspects": "方面", "aspect": "方面",
    "parts": "部分", "part": "部分", "sections": "部分", "section": "部分", "structure": "结构",
    "requirements": "要求", "requirement": "要求", "infrastructure": "基础设施", "platform": "平台",
    "center": "中心", "centre": "中心", "data center": "数据中心", "network": "网络",
    "smart city": "智慧城市", "smart community": "智慧社区", "smart transportation": "智慧交通",
    "smart traffic": "智慧交通", "smart transport": "智慧交通", "smart emergency": "智慧应急",
    "smart fire": "智慧消防", "fire department": "消防救援支队", "fire": "消防", "community": "社区",
    "traffic": "交通", "emergency": "应急", "cloud": "云平台", "iot": "物联网", "security": "安全",
    "pilot city": "试点市", "pilot cities": "试点市", "pilot": "试点", "demo": "示范", "demonstration": "示范",
    "annual": "年度", "evaluation": "评估", "evaluate": "评估", "assessment": "评估", "assess": "评估",
    "results": "结果", "result": "结果", "score": "得分", "ranking": "排名", "status": "现状",
    "progress": "进展", "contact": "联系", "contacts": "联系", "phone number": "电话号码",
    "phone": "电话", "telephone": "电话", "tel": "电话", "hotline": "热线", "email": "邮箱", "address": "地址",
    "list": "名单", "included": "包括", "include": "包括", "including": "包括", "belongs to": "属于",
    "belong to": "属于", "belong": "属于", "how many": "几个", "how much": "多少钱", "who": "谁",
    "what": "什么", "why": "为什么", "which": "哪个", "where": "哪里", "how": "怎么", "total": "一共",
    "count": "数量", "role": "职责", "duty": "职责", "duties": "职责", "government": "政府",
    "province": "省", "provincial": "省", "city": "市", "county": "县", "counties": "各县",
    "pdf": "全文", "full text": "全文", "download": "下载", "link": "链接", "app": "应用",
    "register": "注册", "location": "地点", "hello": "你好", "hi": "你好", "hey": "你好",
    "good morning": "早上好", "good evening": "晚上好", "thank you": "谢谢", "thanks": "谢谢",
    "thx": "谢谢", "bye bye": "再见", "goodbye": "再见", "bye": "再见", "ok": "好的", "okay": "好的",
    "nice": "真棒", "great": "真棒", "good job": "真棒", "are you": "你是", "you": "你", "the": "",
    "a robot": "机器人", "robot": "机器人", "human": "真人", "ai": "人工智能", "bot": "机器人",
    "yes": "是", "no": "不", "is": "是", "of": "的", "and": "和", "or": "还是", "please": "请",
}

#: Dialect, spoken and old-fashioned words, and words of other Chinese-writing places.
COLLOQUIAL: dict[str, str] = {
    "啥时候": "什么时候", "啥时": "什么时候", "几时": "什么时候", "多会儿": "什么时候", "何时": "什么时候",
    "什么时间": "什么时候", "什莫": "什么", "什末": "什么", "神马": "什么", "甚么": "什么", "哪会儿": "什么时候",
    "弄啥": "做什么", "干啥": "做什么", "干嘛": "做什么", "干吗": "做什么", "搞啥": "做什么", "做咩": "做什么",
    "为啥": "为什么", "凭啥": "为什么", "凭什么": "为什么", "为何": "为什么", "点解": "为什么", "因何": "为什么",
    "咋整": "怎么办", "咋": "怎么", "怎吗": "怎么", "怎样": "怎么样", "点样": "怎么样", "如何": "怎么样",
    "啥": "什么", "咩": "什么", "乜嘢": "什么", "乜": "什么", "俺们": "我们", "俺": "我", "恁": "你",
    "您": "你", "咱们": "我们", "咱": "我们", "哪儿": "哪里", "哪嗒": "哪里", "边度": "哪里",
    "有木有": "有没有", "有无": "有没有", "有冇": "有没有", "是否": "是不是", "能否": "能不能", "可否": "能不能",
    "中不中": "行不行", "系咪": "是不是", "边个": "谁", "边间": "哪个", "邊個": "谁", "係": "是", "嘅": "的",
    "嘞": "的", "滴": "的", "尼": "呢", "木有": "没有", "冇": "没有", "捏": "呢", "辣": "了",
    "哪几": "哪些", "那些个": "哪些", "有那些": "有哪些", "俩": "2个", "仨": "3个", "两": "2",
}

#: Syllables of speech that carry no meaning of their own.
FILLERS: tuple[str, ...] = (
    "请问一下", "我想问一下", "我问一下", "想问一下", "问一下", "我想问", "想问问", "请问", "麻烦问下",
    "呃", "嗯嗯", "那个那个", "就是说", "话说", "emmm", "emm", "来着", "的说",
)
