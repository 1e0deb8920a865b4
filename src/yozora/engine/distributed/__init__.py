"""A film on several GPUs: a process each, which share out guidance, tokens and columns of pictures.

`ranks.Ranks` starts the others and speaks to them; `rank` is the program that they run; `calls` is what all of them do
at once; `parts.build` makes of all that the parts of a model, which an engine takes as it takes those of one device.
"""
