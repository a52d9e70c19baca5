"""What do we keep about one person, how do they get it, and how is it erased?"""
