"""The invented city 榕海市: its units, its categories, and who has the duty for what. Data only.

The tree of matters is our own default; a city replaces it. Names, codes and numbers are invented.
"""

# id and pinyin initials | name | short name | kind | level | parent
UNITS = """
rxzx   | 榕海市12345政务服务便民热线中心 | 热线中心     | centre     | 1 |
xfj    | 榕海市信访局                   | 信访局       | bureau     | 1 | rxzx
xnb    | 榕海市效能建设领导小组办公室     | 效能办       | efficiency | 1 | rxzx
zhzx   | 榕海市城市运行指挥中心           | 运行指挥中心  | command    | 1 | rxzx
rdq    | 榕东区人民政府                 | 榕东区       | district   | 2 | rxzx
rxq    | 榕西区人民政府                 | 榕西区       | district   | 2 | rxzx
jbq    | 江滨区人民政府                 | 江滨区       | district   | 2 | rxzx
hcx    | 海澄县人民政府                 | 海澄县       | district   | 2 | rxzx
zjj    | 榕海市住房和城乡建设局          | 住建局       | dept       | 2 | rxzx
zrj    | 榕海市自然资源和规划局          | 资源规划局    | dept       | 2 | rxzx
cgj    | 榕海市城市管理局               | 城管局       | dept       | 2 | rxzx
ylzx   | 榕海市园林中心                 | 园林中心     | dept       | 2 | rxzx
jtj    | 榕海市交通运输局               | 交通局       | dept       | 2 | rxzx
gaj    | 榕海市公安局                   | 公安局       | dept       | 2 | rxzx
jjzd   | 榕海市公安局交通警察支队        | 交警支队     | dept       | 2 | gaj
xfzd   | 榕海市消防救援支队             | 消防支队     | dept       | 2 | rxzx
hbj    | 榕海市生态环境局               | 环保局       | dept       | 2 | rxzx
mzj    | 榕海市民政局                   | 民政局       | dept       | 2 | rxzx
rsj    | 榕海市人力资源和社会保障局       | 人社局       | dept       | 2 | rxzx
ybj    | 榕海市医疗保障局               | 医保局       | dept       | 2 | rxzx
tyjr   | 榕海市退役军人事务局            | 退役军人局    | dept       | 2 | rxzx
wjw    | 榕海市卫生健康委员会            | 卫健委       | dept       | 2 | rxzx
jyj    | 榕海市教育局                   | 教育局       | dept       | 2 | rxzx
kjj    | 榕海市科学技术局               | 科技局       | dept       | 2 | rxzx
sjj    | 榕海市市场监督管理局            | 市场监管局    | dept       | 2 | rxzx
swj    | 榕海市商务局                   | 商务局       | dept       | 2 | rxzx
fgw    | 榕海市发展和改革委员会          | 发改委       | dept       | 2 | rxzx
gxj    | 榕海市工业和信息化局            | 工信局       | dept       | 2 | rxzx
slj    | 榕海市水利局                   | 水利局       | dept       | 2 | rxzx
nyj    | 榕海市农业农村局               | 农业农村局    | dept       | 2 | rxzx
lyj    | 榕海市林业局                   | 林业局       | dept       | 2 | rxzx
czj    | 榕海市财政局                   | 财政局       | dept       | 2 | rxzx
swju   | 榕海市税务局                   | 税务局       | dept       | 2 | rxzx
jrb    | 榕海市地方金融管理局            | 金融局       | dept       | 2 | rxzx
gjj    | 榕海市住房公积金中心            | 公积金中心    | dept       | 2 | rxzx
wlj    | 榕海市文化和旅游局             | 文旅局       | dept       | 2 | rxzx
tyj    | 榕海市体育局                   | 体育局       | dept       | 2 | rxzx
sfj    | 榕海市司法局                   | 司法局       | dept       | 2 | rxzx
xzfw   | 榕海市行政服务中心             | 行政服务中心  | dept       | 2 | rxzx
swjt   | 榕海水务集团有限公司            | 水务集团     | utility    | 2 | rxzx
gdgs   | 榕海供电公司                   | 供电公司     | utility    | 2 | rxzx
rqjt   | 榕海燃气集团有限公司            | 燃气集团     | utility    | 2 | rxzx
txgl   | 榕海市通信管理办公室            | 通信管理办    | utility    | 2 | rxzx
gdwl   | 榕海广电网络公司               | 广电网络     | utility    | 2 | rxzx
yzgs   | 榕海邮政公司                   | 邮政公司     | utility    | 2 | rxzx
gjjt   | 榕海公共交通集团有限公司         | 公交集团     | utility    | 2 | rxzx
szgc   | 榕海市市政工程中心             | 市政中心     | utility    | 2 | zjj
dmjd   | 榕东区东门街道办事处            | 东门街道     | town       | 3 | rdq
hgjd   | 榕东区河埂街道办事处            | 河埂街道     | town       | 3 | rdq
xhjd   | 榕西区西湖街道办事处            | 西湖街道     | town       | 3 | rxq
ggjd   | 榕西区古港街道办事处            | 古港街道     | town       | 3 | rxq
jnjd   | 江滨区江南街道办事处            | 江南街道     | town       | 3 | jbq
cnz    | 海澄县城南镇人民政府            | 城南镇       | town       | 3 | hcx
"""

# A class, then its leaves: name, then the units that have the duty, first the one that is asked first.
CATEGORIES = """
01 城乡建设
规划 zrj | 拆迁安置 zjj rdq | 违章建筑 cgj zrj | 市政设施 szgc zjj | 道路井盖 szgc | 排水内涝 szgc slj
路灯 szgc | 园林绿化 ylzx | 房屋质量 zjj
02 交通环保
公交出租 jtj gjjt | 交通信号标线 jjzd | 停车 jjzd cgj | 拥堵 jjzd | 公路 jtj | 噪声 hbj gaj | 油烟 cgj hbj
大气 hbj | 水体 hbj slj | 扬尘 hbj zjj | 固废 hbj
03 民政社保
救助 mzj | 养老 mzj | 残疾 mzj | 殡葬 mzj | 社会保险 rsj | 医保 ybj | 优抚 tyjr | 婚姻 mzj
04 劳动人事
欠薪 rsj | 劳动合同 rsj | 工伤 rsj | 职业培训 rsj | 编制考试 rsj
05 公用事业
供水 swjt | 供电 gdgs | 供气 rqjt | 供热 rqjt | 通信 txgl | 有线电视 gdwl | 邮政 yzgs
06 城市管理
环卫 cgj | 垃圾 cgj | 占道 cgj | 广告 cgj | 养犬 gaj cgj | 摊点 cgj | 城管执法 cgj
07 社会治安
治安 gaj | 户政 gaj | 出入境 gaj | 消防 xfzd | 交通事故 jjzd | 诈骗 gaj
08 教育科技
入学 jyj | 教育收费 jyj | 校外培训 jyj | 校园安全 jyj gaj | 科技 kjj
09 卫生健康
医疗 wjw | 医疗服务 wjw | 防疫 wjw | 计生 wjw | 药品 sjj
10 市场消费
食品 sjj | 价格 sjj fgw | 产品质量 sjj | 预付卡 swj sjj | 网购 sjj | 传销 sjj gaj | 证照 sjj xzfw
11 物业房产
物业 zjj | 维修金 zjj | 房产交易 zjj zrj | 租赁 zjj | 保障房 zjj | 电梯 sjj zjj
12 国土农林水
土地 zrj | 农业 nyj | 林业 lyj | 水利 slj | 宅基地 nyj zrj | 惠农 nyj czj
13 财税金融
税 swju | 收费 czj | 银行 jrb | 保险 jrb | 公积金 gjj | 非法集资 jrb gaj
14 文体旅游
文化 wlj | 体育 tyj | 旅游 wlj | 文物 wlj | 广电 wlj gdwl
15 政法司法
法律援助 sfj | 公证 sfj | 仲裁 sfj | 诉讼相关 sfj
16 党务政务
办事指南 xzfw | 作风效能 xnb | 政务公开 xzfw | 廉政线索 xnb
17 惠企服务
准入 sjj xzfw | 审批 xzfw | 用工 rsj | 融资 jrb | 政策兑现 gxj czj | 拖欠账款 gxj
18 其他
表扬 rxzx | 建议 rxzx | 非本地 rxzx | 非职责 rxzx | 咨询转接 rxzx | 骚扰 rxzx
"""
