"""What happens when a person does something: each journey calls actions and puts the next screen on.

Journeys are the only code that knows both screens and actions. They hold no rule of their own.
"""
