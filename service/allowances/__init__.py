"""What has somebody used, and what is kept for them, of what a policy counts over a time?"""
