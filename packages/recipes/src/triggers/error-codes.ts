/** Error codes of schedules and triggers, with one sentence for the documentation. */
export const TRIGGERS_ERROR_CODES = {
  'triggers.schedule.not_found': 'No schedule has this id in the workspace.',
  'triggers.schedule.in_recipe': 'The schedule stands in its recipe and is changed there.',
  'triggers.schedule.invalid':
    'The schedule can never be due: broken cron expression, unknown time zone, or a time that has passed.',
  'triggers.schedule.queue_full':
    'A due time was left out, because 100 others of the schedule wait for the run before already.',
  'triggers.schedule.misfire_limited':
    'More due times passed while nothing ran than are made up for; the oldest are left out.',
  'triggers.schedule.changed':
    'A due time that waited for the run before was left out, because the schedule was changed.',
  'triggers.trigger.not_found':
    'No trigger has this id, or it is switched off; deliveries to it start nothing.',
  'triggers.trigger.in_recipe': 'The trigger stands in its recipe and is changed there.',
  'triggers.trigger.invalid':
    'The trigger cannot work: a template or condition is wrong, or a field is missing for its scheme.',
  'triggers.trigger.type_fixed': 'The type of a trigger cannot change; make another one.',
  'triggers.secret.none': 'Triggers by run events have no secret.',
  'triggers.signature.invalid':
    'The delivery does not carry the signature or token that the trigger asks for.',
  'triggers.signature.expired':
    "The delivery's time stamp lies outside the trigger's replay window, or is missing.",
  'triggers.delivery.too_large': 'The body of the delivery is larger than 1 MB.',
  'triggers.delivery.unreadable':
    'The body of the delivery is neither JSON nor a form, is broken, or nests too deep.',
  'triggers.inputs.invalid': 'The inputs that the trigger makes of a delivery are no object.',
  'triggers.chain.too_deep':
    'Runs that start runs: more than 10 triggers by run events stand one behind another, so the next was not started.',
} as const;
