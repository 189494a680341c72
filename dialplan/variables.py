"""Every name the dialplan and Python share, once. Python decides, the dialplan acts; they speak through these."""

# Global variables, set by the AMI link.
HEARTBEAT = "HOTLINE_HEARTBEAT"  # epoch seconds of our last sign of life; stale after 15 s
SEATS = "HOTLINE_SEATS"  # with _<digit>: the seats we have told of, by their last digit
STAYS = "HOTLINE_STAYS"  # with _<seat>: why a paused seat stays paused without us
# With several nodes, too:
LEADER_AGI = "HOTLINE_LEADER_AGI"  # the scripts of the process that leads, if the node's own do not answer
SCRIPTS = "HOTLINE_SCRIPTS"  # epoch seconds of the last sign of life of the node's own scripts
TERM = "HOTLINE_TERM"  # the highest term of an engine that the node has seen; a lower one is not obeyed
# Global variables, written into the configuration when it is rendered.
AGI = "HOTLINE_AGI"  # agi://host:port, where the FastAGI server listens
FALLBACK_SECONDS = "HOTLINE_FALLBACK_SECONDS"  # how long a caller waits for a seat while our process is dead
LINE_SECONDS = (
    "HOTLINE_LINE_SECONDS"  # how long app_queue holds a caller before the dialplan looks whether we live
)
MOST_OF_BLOCK = "HOTLINE_MOST_OF_BLOCK"  # so many calls of ten thousand neighbouring numbers at once
MOST_OF_NUMBER = "HOTLINE_MOST_OF_NUMBER"  # so many calls of one number at once
RECORDINGS = "HOTLINE_RECORDINGS"  # folder of call recordings
RING_SECONDS = "HOTLINE_RING_SECONDS"  # how long one seat rings before the call goes back to the line
SHOWN = "HOTLINE_SHOWN"  # the number that citizens see when we ring them
SPOOL = "HOTLINE_SPOOL"  # folder of messages left while our process is dead

# Channel variables of a citizen's channel.
ASKER = "HOTLINE_ASKER"  # on the leg that a seat asks or brings in: that seat's leg
ARGUMENT = "ARG1"  # what a script is asked with: the key that was pressed, or what came of it
BLOCK = "HOTLINE_BLOCK"  # the caller's number without its last four digits
CALL = "HOTLINE_CALL"  # call id = node and unique id of the citizen's channel; every leg inherits it
CALLED = "HOTLINE_CALLED"  # the number the citizen dialled: 12345, or one that was merged into it
DONE = "HOTLINE_DONE"  # set by a script as its last command; AGISTATUS is SUCCESS even for a killed script
FROM = "HOTLINE_FROM"  # the From header as sent; read once, by the dialplan, and never used otherwise
HANDED = "HOTLINE_HANDED"  # shared on the asking leg: 1 when the one who was asked has taken the citizen over
HOME = "HOTLINE_HOME"  # the way to the node where the seat is registered, empty if it is this one
LEG = "HOTLINE_LEG"  # the channel of the seat that rings or talks
LIVED = "HOTLINE_LIVED"  # when the scripts that are asked last gave a sign of life
LOOKS = "HOTLINE_LOOKS"  # how often the dialplan has looked whether that leg is gone
LOST = "HOTLINE_LOST"  # 44 if the seat's sound died in mid-talk
DIGIT = "HOTLINE_DIGIT"  # which of HOTLINE_SEATS_<digit> is looked at
MEMBER = "HOTLINE_MEMBER"  # a member of the line that our dead process may have left paused
MEMBERS = "HOTLINE_MEMBERS"  # those not looked at yet
ORDERED = "HOTLINE_ORDERED"  # the term of the engine that chose the seat
PLACE = "HOTLINE_PLACE"  # where he stands: line | aside | seat | gone; of other legs, see dialplan/moves.conf
POSITION = "HOTLINE_POSITION"  # the place in the line left by a key, kept for the caller's return
RECORDING = "HOTLINE_RECORDING"  # file of this call's recording, relative to RECORDINGS
RETURNED = "HOTLINE_RETURNED"  # how often a seat did not answer and the call came back to the line
ROUTE = "HOTLINE_ROUTE"  # where the script sends the call: the words of ivr.route
SEAT = "HOTLINE_SEAT"  # the seat a call was assigned to, e.g. s1001
SINCE = "HOTLINE_SINCE"  # epoch seconds, with thousandths, when he first asked for a person: his place in the line
THIRD = "HOTLINE_THIRD"  # shared on the asking leg: the leg that it rings
TELL = "HOTLINE_TELL"  # 1 if he is to be told how long he will wait
UNTIL = "HOTLINE_UNTIL"  # epoch second until which a lost desk may come back
WHOM = "HOTLINE_WHOM"  # the seat or the number that a seat asks, brings in or hands over to
WAY = "HOTLINE_WAY"  # how the citizen came: trunk | web
WATCHED = "HOTLINE_WATCHED"  # on a supervisor's leg: the seat's leg that it spies on
WISH = "HOTLINE_WISH"  # what he needs of a seat: skill, language, priority, line, elder; url-encoded

# Channel variables of a call that we begin: they stand on the seat's channel.
CITIZEN = "HOTLINE_CITIZEN"  # on every leg of it: the channel of him whom we have rung
REACHED = "HOTLINE_REACHED"  # how it went with him, once the seat asks somebody else
PURPOSE = "HOTLINE_PURPOSE"  # why we ring: ring_back | call | revisit | urge | notice
BARRED = "HOTLINE_BARRED"  # why the number was not dialled, '' if it was
SAID = "HOTLINE_SAID"  # number, purpose, owed, seat and by, url-encoded, for the record
THEN = "HOTLINE_THEN"  # where the citizen goes when the agent has hung up
