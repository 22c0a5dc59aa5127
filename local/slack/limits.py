"""Slack's published limits on a message, each under its own name.

Blocks: https://docs.slack.dev/reference/block-kit/blocks
Elements: https://docs.slack.dev/reference/block-kit/block-elements
Text objects: https://docs.slack.dev/reference/block-kit/composition-objects/text-object
Messages and attachments: https://docs.slack.dev/reference/methods/chat.postMessage
Pace: https://docs.slack.dev/apis/web-api/rate-limits

Lengths are in characters, as Python counts them.
"""

# A message
BLOCKS_PER_MESSAGE = 50
ATTACHMENTS_PER_MESSAGE = 100
MESSAGE_TEXT = 40_000  # not refused beyond it: Slack cuts the text off

# Any text object, so a section's and a context's too
TEXT_OBJECT = 3_000

# Blocks
BLOCK_ID = 255
HEADER_TEXT = 150
SECTION_FIELDS = 10
FIELD_TEXT = 2_000
CONTEXT_ELEMENTS = 10
ACTIONS_ELEMENTS = 25

# Elements
ACTION_ID = 255
BUTTON_TEXT = 75
BUTTON_VALUE = 2_000
BUTTON_LABEL = 75
URL = 3_000
IMAGE_ALT_TEXT = 2_000
IMAGE_TITLE = 2_000

# Pace: one message a second per webhook; "short bursts" are tolerated and their length is not published, five is ours.
MESSAGES_PER_SECOND = 1.0
BURST = 5
