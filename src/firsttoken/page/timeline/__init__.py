"""The timeline of one stream as its page shows it: packed for drawing, its largest gaps, its rates and its words."""
